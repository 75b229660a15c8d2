// The provider against oidc-provider, by the real protocol: every way to authenticate, revocation, expiry.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import type { Provider } from '../../../src/core/provider.ts';
import {
  AUDIENCE,
  ED_KEY_PEM,
  KEY_PEM,
  type OpenidProvider,
  SECRET,
  startOpenidProvider,
  TOKEN_LIFETIME_MS,
} from './openid-provider.ts';
import { login, optionsOf, outcomeOf, probeSteps, seamsFor, type WrittenOptions } from './setup.ts';

const BASIC = { clientID: 'client_secret_basic', clientSecret: { file: 'secret' } };

const WAYS: readonly { readonly name: string; readonly given: WrittenOptions }[] = [
  { name: 'client_secret_basic', given: BASIC },
  {
    name: 'client_secret_post',
    given: { clientID: 'client_secret_post', clientSecret: { file: 'secret' }, authMethod: 'client_secret_post' },
  },
  { name: 'private_key_jwt', given: { clientID: 'private_key_jwt', privateKey: { file: 'key.pem' } } },
  {
    name: 'private_key_jwt with an Ed25519 key',
    given: { clientID: 'private_key_jwt of Ed25519', privateKey: { file: 'ed.pem' } },
  },
];

void describe('oidc-introspection with oidc-provider', () => {
  const opened: Provider[] = [];
  let upstream: OpenidProvider;
  before(async () => {
    upstream = await startOpenidProvider();
  });
  after(async () => {
    await Promise.all(opened.map((provider) => provider.close()));
    await upstream.close();
  });

  function open(written: WrittenOptions): Provider {
    const files = { secret: `${SECRET}\n`, 'key.pem': KEY_PEM, 'ed.pem': ED_KEY_PEM };
    const options = optionsOf({ issuer: upstream.issuer, audiences: [AUDIENCE], ...written }, files);
    const provider = oidcIntrospection.open(options, seamsFor());
    opened.push(provider);
    return provider;
  }

  for (const { name, given } of WAYS) {
    void test(`authenticates a person as client with ${name}`, async () => {
      const provider = open(given);
      const verdict = await login(provider, await upstream.tokenOf('alice'));
      assert.ok(verdict.kind === 'authenticated', verdict.detail);
      const { subject, attributes } = verdict.value;
      assert.deepEqual(
        [subject, attributes['username'], attributes['groups'], attributes['aud']],
        ['alice', 'alice', ['devs', 'eng'], AUDIENCE],
      );
      assert.equal(outcomeOf(await login(provider, 'not-a-token-of-this-server')), 'abstained unknown-token');
    });

    void test(`probes every step as client with ${name}`, async () => {
      const steps = await probeSteps(open(given));
      assert.deepEqual(
        steps.filter(({ result }) => result !== 'ok'),
        [],
      );
    });
  }

  for (const issuer of ['configured', 'not configured'] as const) {
    void test(`private_key_jwt works without discovery, the issuer ${issuer}`, async () => {
      const introspectionEndpoint = `${upstream.issuer}/token/introspection`;
      const known = issuer === 'configured' ? {} : { issuer: undefined };
      const provider = open({
        clientID: 'private_key_jwt',
        privateKey: { file: 'key.pem' },
        introspectionEndpoint,
        ...known,
      });
      assert.equal(outcomeOf(await login(provider, await upstream.tokenOf('alice'))), 'authenticated');
    });
  }

  void test('a wrong secret of the broker is an outage, not a refusal', async () => {
    const provider = open({ ...BASIC, clientSecret: { env: 'CLIENT_SECRET' } });
    assert.equal(outcomeOf(await login(provider, await upstream.tokenOf('alice'))), 'unavailable client-refused');
  });

  void test('a token of which the server does not say whose it is, is refused: it may be a person', async () => {
    assert.equal(outcomeOf(await login(open(BASIC), await upstream.tokenOfClient())), 'rejected subject-missing');
  });

  void test('a token for another audience is refused', async () => {
    const provider = open({ ...BASIC, audiences: ['urn:another'] });
    assert.equal(outcomeOf(await login(provider, await upstream.tokenOf('alice'))), 'rejected wrong-audience');
  });

  void test('a revoked token is unknown at once', async () => {
    const provider = open(BASIC);
    const token = await upstream.tokenOf('alice');
    assert.equal(outcomeOf(await login(provider, token)), 'authenticated');
    await upstream.revoke(token);
    assert.equal(outcomeOf(await login(provider, token)), 'abstained unknown-token');
  });

  void test('an expired token is unknown, and its expiry was told before', async (t) => {
    const startMs = Date.now();
    t.mock.timers.enable({ apis: ['Date'], now: startMs });
    const provider = open(BASIC);
    const token = await upstream.tokenOf('alice');
    const verdict = await login(provider, token);
    assert.ok(verdict.kind === 'authenticated', verdict.detail);
    const leftMs = (verdict.expiresAt ?? 0) - startMs;
    assert.ok(leftMs > TOKEN_LIFETIME_MS - 2000 && leftMs <= TOKEN_LIFETIME_MS, `${leftMs} ms left`);
    t.mock.timers.tick(TOKEN_LIFETIME_MS + 1000);
    assert.equal(outcomeOf(await login(provider, token)), 'abstained unknown-token');
  });
});
