// http-basic against a real nginx: its statuses, its faults, its TLS, and a thief at the end of its redirects.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { httpBasic } from '../../../providers/http-basic.ts';
import type { Claims } from '../../../src/core/claims.ts';
import type { ProbeStep } from '../../../src/core/provider.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { reviewOf } from '../../contract/provider-run.ts';
import { passwordCredential } from '../../contract/provider-world.ts';
import { optionsOf } from '../../support/options.ts';
import { testSeams } from '../../support/seams.ts';
import { createSinks } from '../../support/sinks.ts';
import { type Nginx, nginxMissing, startNginx } from '../rig/nginx.ts';
import { type KeyPair, makePki, type Pki } from '../rig/pki.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freeze } from '../rig/undo.ts';

const DEADLINE_MS = 2500;
const ALICE = { name: 'alice', secret: 'pw-alice' };

interface Login {
  readonly url: string;
  readonly options?: object;
  readonly as?: { readonly name: string; readonly secret: string };
  readonly deadlineMs?: number;
}

function open(url: string, options: object = {}, sinks = createSinks()) {
  const given = { url, ...options };
  const files = Object.values(Object(Reflect.get(given, 'tls') ?? {})).filter((file) => typeof file === 'string');
  const contents = Object.fromEntries(
    files.filter((file) => file.startsWith('/')).map((file) => [file, readFileSync(file, 'utf8')]),
  );
  return httpBasic.open(optionsOf(httpBasic, given, contents), testSeams({ log: sinks.log }));
}

async function login({ url, options, as = ALICE, deadlineMs = DEADLINE_MS }: Login): Promise<Verdict<Claims>> {
  const sinks = createSinks();
  const provider = open(url, options, sinks);
  const verdict = await provider.authenticate(reviewOf(passwordCredential(as)), AbortSignal.timeout(deadlineMs));
  await provider.close();
  sinks.add('verdict', verdict);
  assert.deepEqual(sinks.leaksOf(as.secret), []);
  return verdict;
}

function gist(verdict: Verdict<Claims>): string {
  return verdict.kind === 'authenticated' ? verdict.kind : `${verdict.kind} ${verdict.reason}`;
}

void describe('http-basic with nginx', { skip: nginxMissing() }, () => {
  let pki: Pki;
  let nginx: Nginx;
  before(async () => {
    pki = makePki(temporaryFolder('http-basic-pki'));
    nginx = await startNginx({ pki });
  });
  after(() => nginx.stop());

  const rows: readonly { path: string; as?: Login['as']; options?: object; deadlineMs?: number; want: string }[] = [
    { path: '/ok', want: 'authenticated' },
    { path: '/204', want: 'authenticated' },
    { path: '/ok', options: { method: 'HEAD' }, want: 'authenticated' },
    { path: '/ok', options: { method: 'POST' }, want: 'authenticated' },
    { path: '/ok', as: { name: 'jürgen', secret: 'pä:ßwörd' }, want: 'authenticated' },
    { path: '/ok', as: { name: 'alice', secret: 'pw-bob-wrong' }, want: 'abstained not-authenticated' },
    { path: '/ok', as: { name: 'nobody', secret: 'pw-nobody' }, want: 'abstained not-authenticated' },
    { path: '/403', want: 'rejected forbidden' },
    { path: '/403-after-auth', want: 'rejected forbidden' },
    { path: '/e500', want: 'unavailable upstream-error' },
    { path: '/e503', want: 'unavailable upstream-error' },
    { path: '/e429', want: 'unavailable rate-limited' },
    { path: '/nowhere', want: 'unavailable unexpected-status' },
    { path: '/redir-out', want: 'unavailable redirected' },
    { path: '/redir-307', want: 'unavailable redirected' },
    { path: '/redir-307', options: { method: 'POST' }, want: 'unavailable redirected' },
    { path: '/redir-loop', want: 'unavailable redirected' },
    { path: '/redir-scheme', want: 'unavailable redirected' },
    { path: '/reset', want: 'unavailable connection-failed' },
    { path: '/huge', want: 'unavailable oversize-answer' },
    { path: '/hang', deadlineMs: 300, want: 'unavailable timeout' },
    { path: '/slow', deadlineMs: 300, want: 'unavailable timeout' },
    { path: '/drip', deadlineMs: 1200, want: 'unavailable timeout' },
    { path: '/malformed', want: 'unavailable malformed-answer' },
  ];
  for (const { path, as, options, deadlineMs, want } of rows) {
    const who = `${as === undefined ? '' : ` of ${as.name}`}${options === undefined ? '' : ` with ${JSON.stringify(options)}`}`;
    void test(`a login${who} at ${path} is ${want}, asked once`, async () => {
      const earlier = (await nginx.requests()).length;
      const given = { url: nginx.plainUrl + path, options: { canary: false, ...options } };
      const verdict = await login({ ...given, ...(as && { as }), ...(deadlineMs && { deadlineMs }) });
      assert.equal(gist(verdict), want);
      const asked = (await nginx.requests()).slice(earlier).filter(({ uri }) => uri === path).length;
      assert.ok(
        asked === 1 || (deadlineMs !== undefined && asked === 0),
        'nginx logs a request when it is done with it',
      );
    });
  }

  void test('no redirect ever brought a password to the thief', () => assert.deepEqual(nginx.thefts(), []));

  void test('the claims are what nginx states in body and headers', async () => {
    const options = { headers: ['X-Remote-User', 'X-Remote-Groups'] };
    const verdict = await login({ url: `${nginx.plainUrl}/json`, options });
    assert.ok(verdict.kind === 'authenticated');
    assert.deepEqual(
      { ...verdict.value.attributes },
      {
        user: 'alice',
        groups: ['devs', 'eng'],
        active: true,
        'headers.x-remote-user': 'alice',
        'headers.x-remote-groups': 'devs,eng',
        headers: Object.assign(Object.create(null), { 'x-remote-user': 'alice', 'x-remote-groups': 'devs,eng' }),
        username: 'alice',
        subject: 'alice',
      },
    );
  });

  void test('a captive portal lets nobody in and sees no password', async () => {
    const verdict = await login({ url: `${nginx.plainUrl}/accepts-everything` });
    assert.equal(gist(verdict), 'unavailable accepts-anything');
    const users = (await nginx.requests()).filter(({ uri }) => uri === '/accepts-everything').map(({ user }) => user);
    assert.deepEqual(
      users.map((user) => /^canary-[0-9a-f]{16}$/.test(user)),
      [true],
    );
  });

  void test('a frozen nginx is a timeout, and a thawed one is used again', async (t) => {
    const provider = open(`${nginx.plainUrl}/ok`);
    const verdict = (deadlineMs: number) =>
      provider.authenticate(reviewOf(passwordCredential(ALICE)), AbortSignal.timeout(deadlineMs));
    assert.equal(gist(await verdict(DEADLINE_MS)), 'authenticated');
    freeze(t, nginx);
    assert.equal(gist(await verdict(300)), 'unavailable timeout');
    nginx.resume();
    assert.equal(gist(await verdict(DEADLINE_MS)), 'authenticated');
    await provider.close();
  });

  void test('trusts the authority it was given over TLS', async () => {
    assert.equal(
      gist(await login({ url: `${nginx.tlsUrl}/ok`, options: { tls: { caFile: pki.caFile } } })),
      'authenticated',
    );
  });

  void test('does not send a password to a server of another authority', async () => {
    const earlier = (await nginx.requests()).length;
    const stranger = { tls: { caFile: pki.stranger.caFile } };
    assert.equal(gist(await login({ url: `${nginx.tlsUrl}/ok`, options: stranger })), 'unavailable tls-failed');
    assert.equal(gist(await login({ url: `${nginx.tlsUrl}/ok` })), 'unavailable tls-failed');
    assert.equal((await nginx.requests()).length, earlier);
  });

  void test('shows its client certificate where nginx demands one', async () => {
    const { certFile, keyFile } = pki.client('kube-auth-broker');
    const url = `${nginx.mutualTlsUrl}/ok`;
    assert.equal(
      gist(await login({ url, options: { tls: { caFile: pki.caFile, certFile, keyFile } } })),
      'authenticated',
    );
    const seen = (await nginx.requests()).filter(({ client }) => client !== '').map(({ client }) => client);
    assert.deepEqual(new Set(seen), new Set(['CN=kube-auth-broker']));
    const without = await login({ url, options: { tls: { caFile: pki.caFile } } });
    assert.equal(gist(without), 'unavailable unexpected-status', 'nginx answers 400');
  });

  void test('the probe walks every step', async () => {
    const provider = open(`${nginx.tlsUrl}/ok`, { tls: { caFile: pki.caFile } });
    const steps: ProbeStep[] = [];
    await provider.probe((step) => void steps.push(step), AbortSignal.timeout(DEADLINE_MS));
    await provider.close();
    const where = `127.0.0.1:${nginx.tlsPort}`;
    assert.deepEqual(
      steps.map(({ step, result }) => [step, result]),
      [
        [`connect to ${where}`, 'ok'],
        [`TLS with ${where}`, 'ok'],
        [`a random credential is refused at GET https://${where}/ok`, 'ok'],
      ],
    );
  });
});

void describe('http-basic with an nginx that presents', { skip: nginxMissing() }, () => {
  const certificates: readonly { name: string; given: (pki: Pki) => KeyPair; serverName?: string; want: string }[] = [
    { name: 'a certificate for another host', given: (pki) => pki.wrongHost, want: 'unavailable tls-failed' },
    {
      name: 'a certificate for the configured serverName',
      given: (pki) => pki.wrongHost,
      serverName: 'elsewhere.itest.test',
      want: 'authenticated',
    },
    { name: 'a certificate that has ended', given: (pki) => pki.expired, want: 'unavailable tls-failed' },
  ];
  for (const { name, given, serverName, want } of certificates) {
    void test(`${name} is ${want}`, async (t) => {
      const pki = makePki(temporaryFolder('http-basic-pki'));
      const nginx = await startNginx({ pki, certificate: given(pki) });
      t.after(() => nginx.stop());
      const tls = { caFile: pki.caFile, ...(serverName && { serverName }) };
      assert.equal(gist(await login({ url: `${nginx.tlsUrl}/ok`, options: { tls } })), want);
    });
  }
});
