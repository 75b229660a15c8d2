// Several servers: who is asked when one fails, and that a password goes to one only.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECOVERY_TRIAL_MS } from '../../../src/upstream/ldap/directory.ts';
import { type FakeLdap, startFakeLdap } from '../../support/fake-ldap.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import { until } from '../../support/settled.ts';
import { BASES, BIND, type OpenLdap, openLdap, outcome, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

interface TwoServers {
  readonly ldap: OpenLdap;
  readonly first: FakeLdap;
  readonly second: FakeLdap;
  readonly pass: (ms: number) => void;
}

async function withTwoServers(run: (servers: TwoServers) => Promise<void>): Promise<void> {
  const options = { users: [fakePerson('alice', 'pw')], others: [SERVICE, ...BASES], tls, readers: [SERVICE.dn] };
  const [first, second] = [await startFakeLdap(options), await startFakeLdap(options)];
  let nowMs = 0;
  const clock = { now: () => 0, monotonicMs: () => nowMs };
  const written = { urls: [first.url, second.url], tls: TLS, bind: BIND, userSearch: { baseDN: PEOPLE } };
  const ldap = openLdap(written, { clock, timeoutMs: 1000 });
  try {
    await run({ ldap, first, second, pass: (ms) => void (nowMs += ms) });
  } finally {
    await ldap.provider.close();
    await Promise.all([first.close(), second.close()]);
  }
}

void test('the first server does all the work while it can', () =>
  withTwoServers(async ({ ldap, second }) => {
    for (let count = 0; count < 3; count += 1) await ldap.login('alice', 'pw'); // oxlint-disable-line no-await-in-loop -- one after the other
    assert.equal(second.accepted(), 0);
  }));

for (const fault of ['refuses connections', 'hangs', 'resets in the middle of an answer'] as const) {
  void test(`a first server that ${fault} costs no login, and is left alone afterwards`, () =>
    withTwoServers(async ({ ldap, first, second }) => {
      await ldap.login('alice', 'pw');
      await first.breakWith(fault);
      assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
      const asked = first.exchanges();
      assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
      assert.deepEqual([first.exchanges(), second.searches.length], [asked, 4]);
      assert.match(ldap.logLines().join(), /LDAP server failed; the next one is used/);
    }));
}

void test('a busy server is passed over for the search', () =>
  withTwoServers(async ({ ldap, first, second }) => {
    first.setScript((request) => (request.op === 'search' ? { code: 51 } : undefined));
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
    assert.equal(second.binds.at(-1)?.password, 'pw', 'the bind stays with the server that answered the search');
  }));

void test('a password that was sent is not sent to the next server', () =>
  withTwoServers(async ({ ldap, first, second }) => {
    first.setScript((request) => (request.op === 'bind' && request.password === 'pw' ? 'drop' : undefined));
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'unavailable connection-failed');
    assert.equal([...first.binds, ...second.binds].filter(({ password }) => password === 'pw').length, 1);
  }));

void test('a server that is back is used again after a trial that no login waits for', () =>
  withTwoServers(async ({ ldap, first, pass }) => {
    await first.breakWith('refuses connections');
    await ldap.login('alice', 'pw');
    await first.breakWith(undefined);
    pass(RECOVERY_TRIAL_MS);
    await ldap.login('alice', 'pw');
    await until('the trial has succeeded', () => ldap.logLines().join().includes('works again'));
    await ldap.login('alice', 'pw');
    assert.equal(first.searches.length, 2);
  }));

void test('when every server fails, the login is unavailable', () =>
  withTwoServers(async ({ ldap, first, second }) => {
    await Promise.all([first, second].map((server) => server.breakWith('refuses connections')));
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'unavailable connection-refused');
  }));
