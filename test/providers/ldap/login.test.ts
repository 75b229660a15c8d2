// Logins against a directory on loopback: who is let in, what is asked of the directory, and in which order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeLdap, type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import { until } from '../../support/settled.ts';
import { attributesOf, BASES, BIND, type OpenLdap, openLdap, outcome, PEOPLE, SERVICE, TLS, tls } from './open-ldap.ts';

const ALICE = fakePerson('Alice', 'pw-alice', { memberOf: 'cn=devs,dc=x', mail: 'alice@x' });
const BOB = fakePerson('bob', 'pw-bob', { mail: 'shared@x' });
const CAROL = fakePerson('carol', 'pw-carol', { mail: 'shared@x' });
const userSearch = { baseDN: PEOPLE };
const search = { bind: BIND, userSearch };
const userDN = `uid={username},${PEOPLE}`;

async function inDirectory(
  written: object,
  run: (ldap: OpenLdap, directory: FakeLdap) => Promise<void>,
  change: Partial<FakeLdapOptions> = {},
): Promise<void> {
  const users = [ALICE, BOB, CAROL];
  const directory = await startFakeLdap({ users, others: [SERVICE, ...BASES], tls, readers: [SERVICE.dn], ...change });
  const ldap = openLdap({ urls: [directory.url], tls: TLS, ...written });
  try {
    await run(ldap, directory);
    assert.equal(directory.writes(), 0, 'nothing is ever written');
  } finally {
    await ldap.provider.close();
    await directory.close();
  }
}

const rows = [
  { name: 'the right password', given: ['alice', 'pw-alice'], want: 'authenticated' },
  { name: 'a wrong password', given: ['alice', 'no'], want: 'rejected wrong-password' },
  { name: 'nobody of that name', given: ['mallory', 'pw'], want: 'abstained unknown-user' },
  { name: 'a name with a wildcard', given: ['a*', 'pw-alice'], want: 'abstained unknown-user' },
  { name: 'a name that closes the filter', given: ['x)(|(uid=alice)', 'pw-alice'], want: 'abstained unknown-user' },
  { name: 'a blank password', given: ['alice', '  '], want: 'rejected empty-password' },
  { name: 'a password with a NUL', given: ['alice', 'pw-alice\0'], want: 'rejected malformed-password' },
  { name: 'a name with a control character', given: ['alice\n', 'pw-alice'], want: 'rejected malformed-username' },
] as const;

for (const { name, given, want } of rows) {
  void test(`search then bind: ${name}: ${want}`, () =>
    inDirectory(search, async ({ login }) => assert.equal(outcome(await login(given[0], given[1])), want)));
}

void test('the user is named as the directory does, never as typed', () =>
  inDirectory(search, async ({ login }) => {
    const { username, groups, mail, dn, subject } = attributesOf(await login('aLiCe', 'pw-alice'));
    assert.deepEqual([username, groups, mail, dn, subject], ['Alice', ['devs'], 'alice@x', ALICE.dn, 'uuid-of-Alice']);
  }));

void test('a name that two entries have is nobody`s, and no password is sent', () =>
  inDirectory({ ...search, userSearch: { ...userSearch, filter: 'mail={username}' } }, async ({ login }, directory) => {
    assert.equal(outcome(await login('shared@x', 'pw-bob')), 'unavailable ambiguous-user');
    assert.deepEqual(
      directory.binds.map(({ dn }) => dn),
      [SERVICE.dn],
    );
  }));

void test('a server that ignores the size limit changes nothing about that', () =>
  inDirectory(
    { ...search, userSearch: { ...userSearch, filter: '(mail={username})' } },
    async ({ login }) => assert.equal(outcome(await login('shared@x', 'pw-bob')), 'unavailable ambiguous-user'),
    { ignoresSizeLimit: true },
  ));

void test('three round trips on kept connections, and every byte encrypted', () =>
  inDirectory(search, async ({ login }, directory) => {
    for (const password of ['pw-alice', 'no', 'pw-alice', 'pw-alice']) await login('alice', password); // oxlint-disable-line no-await-in-loop -- one after the other
    assert.deepEqual([directory.accepted(), directory.searches.length, directory.binds.length], [2, 7, 5]);
    assert.ok([...directory.binds, ...directory.searches].every(({ encrypted }) => encrypted));
    assert.ok(
      directory.searches.every(({ boundDn }) => boundDn === SERVICE.dn),
      'searches are made by the service account',
    );
    assert.ok(directory.searches.every(({ sizeLimit, timeLimitSeconds }) => sizeLimit > 0 && timeLimitSeconds > 0));
  }));

void test('concurrent logins use no more connections than the pools have', () =>
  inDirectory({ ...search, pool: { size: 2 } }, async ({ login }, directory) => {
    const verdicts = await Promise.all(
      Array.from({ length: 40 }, (_, index) => login(index % 2 ? 'bob' : 'alice', 'pw-alice')),
    );
    assert.deepEqual(
      verdicts.map(outcome),
      verdicts.map((_, index) => (index % 2 ? 'rejected wrong-password' : 'authenticated')),
    );
    assert.equal(directory.accepted(), 4);
  }));

void test('a connection on which a bind failed oddly is not used again', () =>
  inDirectory(search, async ({ login }, directory) => {
    directory.setScript((request) => (request.op === 'bind' && request.password === 'odd' ? { code: 53 } : undefined));
    assert.equal(outcome(await login('alice', 'odd')), 'rejected forbidden');
    await until('it is closed', () => directory.connections() === 1);
    assert.equal(outcome(await login('alice', 'pw-alice')), 'authenticated');
  }));

void test('kept connections that the server closed meanwhile fail no login', () =>
  inDirectory(search, async ({ login }, directory) => {
    await login('alice', 'pw-alice');
    for (const leave of [directory.dropConnections, directory.endConnections]) {
      leave();
      assert.equal(outcome(await login('alice', 'pw-alice')), 'authenticated'); // oxlint-disable-line no-await-in-loop -- one after the other
    }
  }));

void test('a password goes out once, even when the connection breaks right after', () =>
  inDirectory(search, async ({ login }, directory) => {
    await login('alice', 'pw-alice');
    directory.setScript((request) => (request.op === 'bind' && request.password === 'once' ? 'drop' : undefined));
    assert.equal(outcome(await login('alice', 'once')), 'unavailable connection-failed');
    assert.equal(directory.binds.filter(({ password }) => password === 'once').length, 1);
  }));

void test('a kept connection that nobody uses is closed', () =>
  inDirectory({ ...search, pool: { idleTimeout: '1s' } }, async ({ login }, directory) => {
    await login('alice', 'pw-alice');
    assert.equal(directory.connections(), 2);
    await until('both are closed', () => directory.connections() === 0);
  }));

void test('a refused service bind is told as such, and not repeated for every login', () =>
  inDirectory({ ...search, bind: { ...BIND, password: { env: 'WRONG' } } }, async ({ login }, directory) => {
    const verdicts = [await login('alice', 'pw-alice'), await login('bob', 'pw-bob')];
    assert.deepEqual(verdicts.map(outcome), ['unavailable service-bind-refused', 'unavailable service-bind-refused']);
    assert.deepEqual(
      directory.binds.map(({ dn }) => dn),
      [SERVICE.dn],
    );
  }));

void test('anonymous search, where the directory allows it', () =>
  inDirectory(
    { userSearch },
    async ({ login }, directory) => {
      assert.equal(attributesOf(await login('alice', 'pw-alice'))['username'], 'Alice');
      assert.deepEqual(
        directory.searches.map(({ boundDn }) => boundDn),
        ['', ''],
      );
    },
    { readers: [''] },
  ));

void test('direct bind as the user: one connection for one login, and the password once', () =>
  inDirectory({ userDN }, async ({ login }, directory) => {
    const { username, groups } = attributesOf(await login('ALICE', 'pw-alice'));
    assert.deepEqual([username, groups], ['Alice', ['devs']]);
    assert.equal(outcome(await login('alice', 'no')), 'abstained not-authenticated');
    assert.equal(outcome(await login('bob,ou=x', 'pw-bob')), 'abstained not-authenticated');
    assert.deepEqual([directory.accepted(), directory.binds.length], [3, 3]);
    await until('they are closed', () => directory.connections() === 0);
  }));

void test('direct bind with a service account: it reads the entry, and knows who does not exist', () =>
  inDirectory({ bind: BIND, userDN }, async ({ login }, directory) => {
    const outcomes = [await login('alice', 'pw-alice'), await login('alice', 'no'), await login('mallory', 'pw')].map(
      outcome,
    );
    assert.deepEqual(outcomes, ['authenticated', 'rejected wrong-password', 'abstained unknown-user']);
    assert.ok(directory.searches.every(({ boundDn }) => boundDn === SERVICE.dn));
  }));

void test('direct bind: a right password without a readable entry is an outage', () =>
  inDirectory(
    { bind: BIND, userDN },
    async ({ login }) => assert.equal(outcome(await login('alice', 'pw-alice')), 'unavailable entry-unreadable'),
    { readers: [] },
  ));

void test('direct bind by account name: the entry is searched for, and odd names never leave the broker', () =>
  inDirectory(
    { userDN: '{username}@corp.example', userSearch: { ...userSearch, filter: '(upn={username}@corp.example)' } },
    async ({ login }, directory) => {
      assert.equal(attributesOf(await login('ALICE', 'pw-alice'))['username'], 'Alice');
      for (const name of ['x@y', 'cn=admin', 'a\\b', 'a,b'])
        assert.equal(outcome(await login(name, 'pw')), 'abstained unknown-user'); // oxlint-disable-line no-await-in-loop -- one after the other
      assert.deepEqual(
        directory.binds.map(({ dn }) => dn),
        ['ALICE@corp.example'],
      );
    },
    {
      users: [
        { ...ALICE, bindNames: ['alice@corp.example'], attributes: { ...ALICE.attributes, upn: 'Alice@corp.example' } },
      ],
      readers: ['alice@corp.example'],
    },
  ));

void test('an entry without an immutable key is told once in the log', () =>
  inDirectory(
    search,
    async ({ login, logLines }) => {
      await login('dave', 'pw');
      assert.equal(attributesOf(await login('dave', 'pw'))['subject'], `uid=dave,${PEOPLE}`);
      assert.equal(logLines().filter((line) => line.includes('immutable key')).length, 1);
    },
    { users: [{ dn: `uid=dave,${PEOPLE}`, password: 'pw', attributes: { uid: 'dave' } }] },
  ));

void test('`EXTERNAL` and its like are names like any other', () =>
  inDirectory({ userDN }, async ({ login }, directory) => {
    assert.equal(outcome(await login('EXTERNAL', 'pw')), 'abstained not-authenticated');
    assert.deepEqual(
      directory.binds.map(({ dn, code }) => [dn, code]),
      [[`uid=EXTERNAL,${PEOPLE}`, 49]],
    );
  }));
