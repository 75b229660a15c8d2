// Kept connections that something on the way has forgotten: the directory works, and so do logins.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeLdap } from '../../support/fake-ldap.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import { type Firewall, startFirewall } from '../../support/fake-ldap-firewall.ts';
import { patient } from '../../support/patience.ts';
import { BASES, BIND, type OpenLdap, openLdap, outcome, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

const KEPT = 13;

interface World {
  readonly ldap: OpenLdap;
  readonly firewall: Firewall;
  /** Passwords of user binds that arrived, also those that were not answered. */
  readonly arrived: () => number;
  readonly pass: (ms: number) => void;
}

/** A provider that has {@link KEPT} connections of each kind, all of them forgotten. */
async function withForgotten(written: object, run: (world: World) => Promise<void>): Promise<void> {
  const directory = await startFakeLdap({ users: [fakePerson('alice', 'pw')], others: [SERVICE, ...BASES], tls });
  const firewall = await startFirewall(directory.port);
  let nowMs = 1000;
  const clock = { now: () => 0, monotonicMs: () => nowMs };
  const urls = [`ldaps://localhost:${firewall.port}`];
  const options = { urls, tls: TLS, bind: BIND, pool: { size: KEPT, idleTimeout: '1h' }, ...written };
  const ldap = openLdap(options, { clock, timeoutMs: patient(400) });
  const login = () => ldap.login('alice', 'pw', AbortSignal.timeout(patient(5000)));
  try {
    const first = await Promise.all(Array.from({ length: KEPT }, login));
    assert.deepEqual(new Set(first.map(outcome)), new Set(['authenticated']));
    firewall.forget();
    const arrived = (): number => directory.binds.filter(({ password }) => password === 'pw').length - KEPT;
    await run({ ldap: { ...ldap, login }, firewall, arrived, pass: (ms) => void (nowMs += ms) });
  } finally {
    await ldap.provider.close();
    await firewall.close();
    await directory.close();
  }
}

const userSearch = { baseDN: PEOPLE };

void test('a search on a connection that was idle is tried once more on a new one, and the bind goes out on a new one', () =>
  withForgotten({ userSearch }, async ({ ldap, firewall, arrived, pass }) => {
    pass(1000);
    const before = firewall.accepted();
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
    assert.deepEqual([firewall.accepted() - before, arrived()], [2, 2]);
  }));

void test('as many logins at once as there are connections all get in', () =>
  withForgotten({ userSearch }, async ({ ldap, pass }) => {
    pass(1000);
    const verdicts = await Promise.all(Array.from({ length: KEPT }, () => ldap.login('alice', 'pw')));
    assert.deepEqual(new Set(verdicts.map(outcome)), new Set(['authenticated']));
  }));

void test('one that was used a moment ago gets all its time; at most one login fails', () =>
  withForgotten({ userSearch }, async ({ ldap }) => {
    const verdicts = [await ldap.login('alice', 'pw'), await ldap.login('alice', 'pw')];
    assert.equal(outcome(verdicts[1] ?? assert.fail()), 'authenticated');
  }));

void test('a bind is never sent again: one direct bind is lost, and takes the other connections with it', () =>
  withForgotten({ userDN: `uid={username},${PEOPLE}` }, async ({ ldap, arrived, pass }) => {
    pass(1000);
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'unavailable timeout');
    assert.equal(arrived(), 0);
    assert.equal(outcome(await ldap.login('alice', 'pw')), 'authenticated');
    assert.equal(arrived(), 1);
  }));
