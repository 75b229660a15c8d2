// oidc-introspection against oidc-provider in a process of its own, over HTTPS.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import type { Provider } from '../../../src/core/provider.ts';
import {
  login,
  optionsOf,
  outcomeOf,
  probeSteps,
  seamsFor,
  type WrittenOptions,
} from '../../providers/oidc-introspection/setup.ts';
import { type OpenidProvider, startOpenidProvider } from '../rig/openid-provider.ts';
import type { Resource } from '../rig/openid-provider-data.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freeze, takeDown } from '../rig/undo.ts';
import { waitFor } from '../rig/wait.ts';

const MEANT_FOR_US: Resource = 'urn:itest:opaque';
/** Whoever matches `audiences` needs none of kube-apiserver's. */
const GOOD_FOR_THE_ENDPOINT = undefined;
const AUDIENCES = [MEANT_FOR_US, 'urn:itest:short'];

void describe('oidc-introspection with a live OpenID provider', () => {
  const opened: Provider[] = [];
  let pki: Pki;
  let upstream: OpenidProvider;
  before(async () => {
    pki = makePki(temporaryFolder('pki'));
    upstream = await startOpenidProvider({ pki });
  });
  after(async () => {
    await Promise.all(opened.map((provider) => provider.close()));
    await upstream.stop();
  });

  function open(written: WrittenOptions = {}, caFile = pki.caFile): Provider {
    const { basic, post } = upstream.clients;
    const files = {
      ca: readFileSync(caFile, 'utf8'),
      basic: basic.secret,
      post: post.secret,
      key: upstream.clientKeyPem,
    };
    const defaults = { issuer: upstream.issuer, clientID: basic.id, audiences: AUDIENCES, tls: { caFile: 'ca' } };
    const secret = 'privateKey' in written ? {} : { clientSecret: { file: 'basic' } };
    const provider = oidcIntrospection.open(optionsOf({ ...defaults, ...secret, ...written }, files), seamsFor());
    opened.push(provider);
    return provider;
  }

  const ways: readonly { readonly name: string; readonly given: () => WrittenOptions }[] = [
    { name: 'client_secret_basic', given: () => ({}) },
    {
      name: 'client_secret_post',
      given: () => ({
        clientID: upstream.clients.post.id,
        clientSecret: { file: 'post' },
        authMethod: 'client_secret_post',
      }),
    },
    {
      name: 'private_key_jwt',
      given: () => ({ clientID: upstream.clients.key.id, privateKey: { file: 'key' } }),
    },
  ];
  for (const { name, given } of ways) {
    void test(`a person authenticates, the broker with ${name}`, async () => {
      const token = await upstream.token({ username: 'jürgen', resource: MEANT_FOR_US });
      const verdict = await login(open(given()), token);
      assert.ok(verdict.kind === 'authenticated', verdict.detail);
      const { subject, attributes, audiences } = verdict.value;
      assert.deepEqual(
        [subject, attributes['username'], attributes['groups'], audiences],
        ['jürgen', 'jürgen', ['Böb 東京, (R\\D)'], GOOD_FOR_THE_ENDPOINT],
      );
    });
    void test(`every step of the probe is ok with ${name}`, async () => {
      const steps = await probeSteps(open(given()));
      assert.deepEqual(
        steps.filter(({ result }) => result === 'failed'),
        [],
      );
    });
  }

  const refusals: readonly {
    readonly name: string;
    readonly given: Parameters<OpenidProvider['token']>[0];
    readonly options?: WrittenOptions;
    readonly want: string;
  }[] = [
    {
      name: 'a token for another audience',
      given: { username: 'alice', resource: 'urn:itest:other' },
      want: 'rejected wrong-audience',
    },
    {
      name: 'a refresh token, which has no audience',
      given: { username: 'alice', resource: MEANT_FOR_US, kind: 'refresh' },
      want: 'rejected wrong-audience',
    },
    {
      name: 'a JWT, which this server does not introspect',
      given: { username: 'alice', resource: 'urn:itest:jwt' },
      want: 'abstained unsupported-token',
    },
    {
      name: 'a token that userinfo does not take',
      given: { username: 'alice', resource: MEANT_FOR_US },
      options: { userinfo: true },
      want: 'rejected mapping-failed',
    },
  ];
  for (const { name, given, options, want } of refusals) {
    void test(`${name} is ${want}`, async () => {
      assert.equal(outcomeOf(await login(open(options), await upstream.token(given))), want);
    });
  }

  void test('userinfo adds its claims', async () => {
    const provider = open({ userinfo: true, audiences: undefined });
    const verdict = await login(provider, await upstream.token({ username: 'alice' }));
    assert.ok(verdict.kind === 'authenticated', verdict.detail);
    assert.equal(verdict.value.attributes['email'], 'alice@itest.test');
  });

  void test('a revoked token is unknown at once', async () => {
    const provider = open();
    const token = await upstream.token({ username: 'alice', resource: MEANT_FOR_US });
    assert.equal(outcomeOf(await login(provider, token)), 'authenticated');
    await upstream.revoke(token);
    assert.equal(outcomeOf(await login(provider, token)), 'abstained unknown-token');
  });

  void test('a token ends when it said it would', async () => {
    const provider = open();
    const token = await upstream.token({ username: 'alice', resource: 'urn:itest:short' });
    const verdict = await login(provider, token);
    assert.ok(verdict.kind === 'authenticated', verdict.detail);
    assert.ok((verdict.expiresAt ?? Infinity) <= Date.now() + 2000);
    await becomes(provider, token, 'abstained unknown-token');
    assert.ok(Date.now() >= (verdict.expiresAt ?? Infinity) - 1000);
  });

  void test('a server under another authority is tls-failed, and its probe says so', async () => {
    const provider = open({}, pki.stranger.caFile);
    assert.equal(outcomeOf(await login(provider, 'token')), 'unavailable tls-failed');
    assert.equal((await probeSteps(provider)).at(-1)?.result, 'failed');
  });

  void test('a frozen server is a timeout, a stopped one refuses; both are used again when they are back', async (t) => {
    const provider = open();
    assert.equal(outcomeOf(await login(provider, 'token')), 'abstained unknown-token');
    freeze(t, upstream);
    assert.equal(outcomeOf(await login(provider, 'token', AbortSignal.timeout(200))), 'unavailable timeout');
    upstream.resume();
    await becomes(provider, 'token', 'abstained unknown-token');
    await takeDown(t, upstream);
    await becomes(provider, 'token', 'unavailable connection-refused');
    await upstream.start();
    await becomes(provider, 'token', 'abstained unknown-token');
  });
});

async function becomes(provider: Provider, token: string, want: string): Promise<void> {
  await waitFor(want, async () => outcomeOf(await login(provider, token)) === want || undefined);
}
