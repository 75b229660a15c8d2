// `POST /token`: who gets one, who does not, and what each is told.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../src/core/identity.ts';
import type { RejectReason } from '../../src/core/reasons.ts';
import { abstained, authenticated, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { HOUR_MS } from '../issuer/setup.ts';
import { basic, json, startPortal } from './setup.ts';

const IDENTITY = { username: 'ldap:alice', uid: '4f1c', groups: ['ldap:devs'], extra: { 'example.org/x': ['y'] } };
const LETS_IN = (): Verdict<Decision> => ({ ...authenticated({ identity: IDENTITY }), by: 'corp-ldap' });
const ALICE = { username: 'alice', password: 'wonderland' };

void describe('POST /token', () => {
  void test('gives a token for exactly the identity that the chain found', async (t) => {
    const portal = await startPortal(t, { check: LETS_IN });
    const answer = await portal.post('/token', ALICE);
    assert.equal(answer.status, 200);
    const { token, ...rest } = json(answer);
    const expirationTimestamp = new Date(portal.clock.now() + 8 * HOUR_MS).toISOString().replace('.000Z', 'Z');
    assert.deepEqual(rest, { expirationTimestamp, username: 'ldap:alice', groups: ['ldap:devs'] });
    const verdict = await portal.issuer.inspect(String(token));
    assert.ok(verdict.kind === 'authenticated');
    const { username, uid, groups, id } = verdict.value;
    assert.deepEqual({ username, uid, groups }, { username: 'ldap:alice', uid: '4f1c', groups: ['ldap:devs'] });
    assert.deepEqual(portal.checked, [['alice', 'wonderland']]);
    assert.deepEqual(portal.asked, [
      {
        id: 'review-1',
        method: 'password',
        result: 'issued',
        reason: 'ok',
        provider: 'corp-ldap',
        username: 'ldap:alice',
        uid: '4f1c',
        groups: 1,
        jti: id,
        expiresAtMs: portal.clock.now() + 8 * HOUR_MS,
      },
    ]);
  });

  void test('takes HTTP Basic with an empty body, with every character that a password may have', async (t) => {
    const portal = await startPortal(t, { check: LETS_IN });
    const odd = ['jürgen', ' pä:ß:"\\🔑 '] as const;
    assert.equal((await portal.ask('/token', { method: 'POST', headers: basic(...odd) })).status, 200);
    assert.deepEqual(portal.checked, [odd]);
  });

  const lifetimes = [
    { name: 'the default', given: undefined, ms: 8 * HOUR_MS },
    { name: 'the longest', given: '24h', ms: 24 * HOUR_MS },
    { name: 'a short one', given: '1m30s', ms: 90_000 },
  ];
  for (const { name, given, ms } of lifetimes) {
    void test(`lives as long as asked: ${name}`, async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      const { expirationTimestamp } = json(await portal.post('/token', { ...ALICE, lifetime: given }));
      assert.equal(Date.parse(String(expirationTimestamp)), portal.clock.now() + ms);
    });
  }

  void test('lives no longer than what it was given for', async (t) => {
    const until = Date.UTC(2030, 0, 1) + 60_000;
    const portal = await startPortal(t, { check: () => authenticated({ identity: IDENTITY }, until) });
    assert.equal(json(await portal.post('/token', ALICE))['expirationTimestamp'], '2030-01-01T00:01:00Z');
  });
});

void describe('a refused sign-in', () => {
  const SAME = 'The username or the password is not right.';
  const alike: readonly RejectReason[] = [
    'wrong-password',
    'user-not-found',
    'account-locked',
    'account-disabled',
    'account-expired',
    'logon-restricted',
    'forbidden',
    'empty-password',
    'malformed-username',
    'reserved-username',
    'user-validation',
  ];
  for (const reason of alike) {
    void test(`looks like every other: ${reason}`, async (t) => {
      const portal = await startPortal(t, { check: () => ({ ...rejected(reason, 'a detail'), by: 'corp-ldap' }) });
      const answer = await portal.post('/token', ALICE);
      assert.deepEqual([answer.status, json(answer)], [401, { error: SAME, reviewId: 'review-1' }]);
      assert.match(String(answer.headers['www-authenticate']), /^Basic realm=/);
      const want = { id: 'review-1', method: 'password', result: 'refused', reason, provider: 'corp-ldap' };
      assert.deepEqual(portal.asked, [want], 'the log has the reason, and no username');
    });
  }

  void test('looks the same when nobody knows the user', async (t) => {
    const portal = await startPortal(t, { check: () => abstained('unknown-user') });
    assert.deepEqual(json(await portal.post('/token', ALICE)), { error: SAME, reviewId: 'review-1' });
  });

  const told = [
    { reason: 'password-expired', want: /^Your password has expired\./ },
    { reason: 'password-must-change', want: /^Your password must be changed/ },
  ] as const;
  for (const { reason, want } of told) {
    void test(`is told to whoever knew the password: ${reason}`, async (t) => {
      const portal = await startPortal(t, { check: () => rejected(reason) });
      const answer = await portal.post('/token', ALICE);
      assert.equal(answer.status, 401);
      assert.match(String(json(answer)['error']), want);
    });
  }

  void test('is no refusal while nobody can tell', async (t) => {
    const portal = await startPortal(t, { check: () => unavailable('connection-refused', 'ldaps://dc1') });
    const answer = await portal.post('/token', ALICE);
    assert.deepEqual(
      [answer.status, json(answer)],
      [503, { error: 'nobody could tell; try again later', reviewId: 'review-1' }],
    );
    assert.equal(answer.headers['www-authenticate'], undefined);
  });

  void test('is not checked under another name: a username with a colon', async (t) => {
    const portal = await startPortal(t, { check: LETS_IN });
    const answer = await portal.post('/token', { username: 'alice:x', password: 'y' });
    assert.deepEqual([answer.status, portal.checked], [401, []]);
  });

  void test('a token that would be too long to come back is not given', async (t) => {
    const portal = await startPortal(t, { check: LETS_IN, portal: { tokenBytes: 64 } });
    const answer = await portal.post('/token', ALICE);
    assert.deepEqual([answer.status, portal.asked[0]?.reason], [503, 'oversize-token']);
  });
});

void describe('a request for a token that cannot be tried', () => {
  const rows: readonly { name: string; body: unknown; headers?: Record<string, string>; want: number }[] = [
    { name: 'nothing', body: {}, want: 401 },
    { name: 'no password', body: { username: 'alice' }, want: 400 },
    { name: 'a password that is a number', body: { ...ALICE, password: 7 }, want: 400 },
    { name: 'a list', body: [ALICE], want: 400 },
    { name: 'text', body: 'alice', want: 400 },
    { name: 'both at once', body: ALICE, headers: basic('alice', 'x'), want: 400 },
    { name: 'another scheme', body: {}, headers: { Authorization: 'Bearer x' }, want: 401 },
    { name: 'Basic without a colon', body: {}, headers: { Authorization: 'Basic YWxpY2U=' }, want: 401 },
    { name: 'Basic that is no UTF-8', body: {}, headers: { Authorization: 'Basic /zr/' }, want: 401 },
    { name: 'a form', body: ALICE, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, want: 415 },
    { name: 'an encoded body', body: ALICE, headers: { 'Content-Encoding': 'gzip' }, want: 415 },
    { name: 'a lifetime of zero', body: { ...ALICE, lifetime: '0s' }, want: 400 },
    { name: 'a negative lifetime', body: { ...ALICE, lifetime: '-1h' }, want: 400 },
    { name: 'a lifetime beyond the longest', body: { ...ALICE, lifetime: '24h1s' }, want: 400 },
    { name: 'a lifetime that is a number', body: { ...ALICE, lifetime: 3600 }, want: 400 },
    { name: 'a lifetime that rounds to nothing', body: { ...ALICE, lifetime: '999ms' }, want: 400 },
    { name: 'a body beyond 16 KiB', body: { ...ALICE, x: 'x'.repeat(17_000) }, want: 413 },
  ];
  for (const { name, body, headers, want } of rows) {
    void test(`${name}: ${want}, and nobody is asked`, async (t) => {
      const portal = await startPortal(t, { check: LETS_IN });
      const answer = await portal.post('/token', body, headers);
      assert.equal(answer.status, want, answer.text);
      assert.equal(typeof json(answer)['error'], 'string');
      assert.deepEqual([portal.checked, portal.asked.map(({ result }) => result)], [[], ['invalid']]);
      assert.deepEqual(portal.bugs, []);
    });
  }

  void test('there is none where no endpoint checks passwords', async (t) => {
    const portal = await startPortal(t, { without: 'passwordEndpoint' });
    assert.equal((await portal.post('/token', ALICE)).status, 404);
  });
});
