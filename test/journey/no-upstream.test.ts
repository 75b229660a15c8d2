// Every token of the internet arrives at a webhook: what can never be a login costs no upstream call.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { type Movement, movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

const jwt = (claims: object): string =>
  [{ alg: 'RS256' }, claims, 'signature']
    .map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'))
    .join('.');

/** Refused by its form: not even the cache is asked. */
const byForm = (reason: string): Movement => ({ reviews: { [`rejected ${reason}`]: 1 } });

/** Every provider was passed over. */
const passedOver = (idp: string): Movement => ({
  reviews: { [`rejected ${idp}`]: 1 },
  cache: { miss: 1 },
  entries: 1,
  providers: {
    'web abstained wrong-kind': 1,
    'directory abstained wrong-kind': 1,
    [`idp abstained ${idp}`]: 1,
  },
});

const rows = [
  { name: 'an empty token', token: '', want: byForm('empty-token') },
  { name: 'an empty password', token: 'wanda:', want: byForm('empty-password') },
  { name: 'a blank password', token: 'wanda:  \t', want: byForm('empty-password') },
  { name: 'a blank username', token: ' :secret', want: byForm('empty-username') },
  {
    name: 'an empty password in base64',
    token: Buffer.from('wanda:').toString('base64'),
    want: byForm('empty-password'),
  },
  { name: 'a line break in the username', token: 'wan\nda:secret', want: byForm('malformed-username') },
  { name: 'a bidirectional override in the username', token: 'wan\u202Eda:secret', want: byForm('malformed-username') },
  { name: 'a NUL in the password', token: 'wanda:sec\0ret', want: byForm('malformed-password') },
  { name: 'a username of 257 bytes', token: `${'w'.repeat(257)}:secret`, want: byForm('malformed-username') },
  { name: 'a token beyond limits.tokenBytes', token: 'x'.repeat(16 * 1024 + 1), want: byForm('oversize-token') },
  { name: 'a bootstrap token', token: 'abcdef.0123456789abcdef', want: byForm('bootstrap-token') },
  {
    name: 'a ServiceAccount token of before 1.21',
    token: jwt({ iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:default:x' }),
    want: byForm('ignored-issuer'),
  },
  {
    name: 'a ServiceAccount token',
    token: jwt({ iss: 'https://kubernetes.default.svc.cluster.local', sub: 'system:serviceaccount:default:x' }),
    want: byForm('ignored-issuer'),
  },
  {
    name: 'a JWT of somebody else',
    token: jwt({ iss: 'https://accounts.example.com', sub: '1' }),
    want: passedOver('foreign-issuer'),
  },
  { name: 'a JWT without an issuer', token: jwt({ sub: '1' }), want: passedOver('foreign-issuer') },
] as const;

void test('no upstream is asked about', async (t) => {
  const upstreams = await startUpstreams(t, { web: { wanda: 'secret' } });
  const { web, directory, idp } = upstreams.entries;
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [web, directory, idp] } });
  const fakes = [upstreams.web, upstreams.directory, upstreams.idp];
  await inOrder(rows, ({ name, token, want }) =>
    t.test(name, async () => {
      assert.deepEqual(await broker.review(token), { authenticated: false });
      assert.deepEqual(
        fakes.map((fake) => fake.accepted()),
        [0, 0, 0],
      );
      assert.deepEqual(await broker.moved(), movesOf(want));
    }),
  );
});

void test('a password never reaches introspection, whatever its form', async (t) => {
  const upstreams = await startUpstreams(t);
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [upstreams.entries.idp] } });
  const form = Buffer.from('wanda:secret').toString('base64url');
  assert.deepEqual(await broker.review('wanda:secret'), { authenticated: false });
  assert.deepEqual(await broker.review(form), { authenticated: false });
  assert.equal(upstreams.idp.accepted(), 0);
  assert.deepEqual(
    await broker.moved(),
    movesOf({
      reviews: { 'rejected no-provider': 2 },
      cache: { miss: 1, hit: 1 },
      entries: 1,
      providers: { 'idp abstained wrong-kind': 1 },
    }),
  );
});
