// ldap against a real OpenLDAP: every way to log in, its faults, its TLS, and proof that nothing is written.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attributesOf, outcome } from '../../providers/ldap/open-ldap.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { FAULTS_BASE, GROUPS, ldifRecord, PEOPLE, POSIX_GROUPS, people, SERVICE, SUFFIX } from '../rig/slapd-data.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freeze, takeDown } from '../rig/undo.ts';
import { withLdap } from './ldap-world.ts';

void describe('ldap with OpenLDAP', { skip: slapdMissing() }, () => {
  let pki: Pki;
  let slapd: Slapd;
  let addedByTheRig: number;
  before(async () => {
    pki = makePki(temporaryFolder('ldap-pki'));
    slapd = await startSlapd({ pki, users: 50 });
    addedByTheRig = changesIn(slapd.auditLog()).length;
  });
  after(() => slapd.stop());

  const bind = { dn: SERVICE.dn, password: { env: 'SERVICE' } };
  const search = { bind, userSearch: { baseDN: PEOPLE } };
  const login = (options: object, username: string, password: string, deadlineMs?: number) =>
    withLdap({ urls: [slapd.ldapsUrl], tls: { caFile: pki.caFile }, ...options }, SERVICE.password, (ldap) =>
      ldap.login(username, password, deadlineMs),
    );

  const direct = { userDN: `uid={username},${PEOPLE}` };
  const ways = [
    { name: 'search then bind', options: search, wrong: 'rejected wrong-password' },
    { name: 'direct bind with a service account', options: { ...direct, bind }, wrong: 'rejected wrong-password' },
    { name: 'direct bind as the user', options: direct, wrong: 'abstained not-authenticated' },
  ];
  for (const { name, options, wrong } of ways) {
    for (const { uid, password } of [people.alice, people.bob, people.juergen, people.odd]) {
      void test(`${name}: ${uid}`, async () => {
        const { username, dn } = attributesOf(await login(options, uid.toUpperCase(), password));
        assert.deepEqual([username, dn], [uid, Object.values(people).find((one) => one.uid === uid)?.dn]);
      });
    }
    void test(`${name}: a wrong password`, async () =>
      assert.equal(outcome(await login(options, 'user1', 'no')), wrong));
  }

  const nested = { ...search, groupSearch: { baseDN: GROUPS, nested: true } };
  const groupRows = [
    { name: 'memberOf', options: search, who: people.alice, want: ['devs', 'loop-a'] },
    { name: 'a search', options: { ...search, groupSearch: { baseDN: GROUPS } }, who: people.smith, want: ['devs'] },
    {
      name: 'groups of groups, in a circle',
      options: nested,
      who: people.alice,
      want: ['all', 'devs', 'eng', 'loop-a', 'loop-b'],
    },
    {
      name: 'groups of a name full of special characters',
      options: nested,
      who: people.odd,
      want: ['R\\D (東京), Ops', 'loop-a', 'loop-b'],
    },
    {
      name: 'posix groups',
      options: { ...search, groupSearch: { baseDN: POSIX_GROUPS, filter: '(memberUid={username})' } },
      who: people.odd,
      want: ['unix-users'],
    },
  ];
  for (const { name, options, who, want } of groupRows) {
    void test(`groups from ${name}`, async () => {
      const { groups } = attributesOf(await login(options, who.uid, who.password));
      assert.deepEqual(Array.isArray(groups) && groups.map(String).toSorted((a, b) => (a < b ? -1 : 1)), want);
    });
  }

  void test('claims are as the directory gives them', async () => {
    const claims = attributesOf(await login(search, 'alice', people.alice.password));
    const { mail, departmentNumber, jpegPhoto, userPassword, entryUUID, subject } = claims;
    assert.deepEqual(
      [mail, departmentNumber, jpegPhoto, userPassword],
      ['alice@itest.test', '42', '/9j/4AAQgP4=', undefined],
    );
    assert.equal(subject, entryUUID);
  });

  void test('StartTLS, and refusal of a server under another authority', async () => {
    const startTLS = { ...search, urls: [slapd.ldapUrl], startTLS: true };
    assert.equal(outcome(await login(startTLS, 'alice', people.alice.password)), 'authenticated');
    const stranger = { tls: { caFile: pki.stranger.caFile } };
    assert.equal(outcome(await login({ ...startTLS, ...stranger }, 'alice', 'pw')), 'unavailable tls-failed');
    assert.equal(outcome(await login({ ...search, ...stranger }, 'alice', 'pw')), 'unavailable tls-failed');
  });

  const refused = [
    {
      name: 'a name that two entries have',
      options: { ...search, userSearch: { baseDN: PEOPLE, filter: '(mail={username})' } },
      username: 'shared@itest.test',
      want: 'unavailable ambiguous-user',
    },
    { name: 'nobody', options: search, username: 'nobody', want: 'abstained unknown-user' },
    { name: 'a wildcard', options: search, username: 'ali*', want: 'abstained unknown-user' },
    {
      name: 'a base that is not there',
      options: { ...search, userSearch: { baseDN: `ou=nowhere,${SUFFIX}` } },
      username: 'alice',
      want: 'unavailable directory-error',
    },
    {
      name: 'an anonymous search where none is allowed',
      options: { userSearch: { baseDN: PEOPLE } },
      username: 'alice',
      want: 'unavailable directory-error',
    },
    {
      name: 'a service account with a wrong password',
      options: { ...search, bind: { ...bind, password: { env: 'WRONG' } } },
      username: 'alice',
      want: 'unavailable service-bind-refused',
    },
  ];
  for (const { name, options, username, want } of refused) {
    void test(`${name}: ${want}`, async () =>
      assert.equal(outcome(await login(options, username, people.alice.password)), want));
  }

  const faults = [
    { name: 'busy', want: 'unavailable directory-error' },
    { name: 'unavailable', want: 'unavailable directory-error' },
    { name: 'operationsError', want: 'unavailable directory-error' },
    { name: 'referral', want: 'unavailable referral' },
    { name: 'dead', want: 'unavailable connection-failed' },
    { name: 'slow', want: 'unavailable timeout' },
  ];
  for (const { name, want } of faults) {
    void test(`a search that answers ${name}: ${want}`, async () => {
      const options = { ...search, userSearch: { baseDN: `cn=${name},${FAULTS_BASE}` } };
      assert.equal(outcome(await login(options, 'alice', people.alice.password, 700)), want);
    });
    void test(`a bind that answers ${name}: ${want}`, async () => {
      const options = { userDN: `cn={username},${FAULTS_BASE}` };
      assert.equal(outcome(await login(options, name, 'pw', 700)), want);
    });
  }

  void test('an account that must change its password is told apart', async () => {
    const policy = ldifChange(`cn=default,ou=policies,${SUFFIX}`, 'pwdMustChange', 'TRUE');
    await slapd.ldapmodify(policy + ldifChange(`uid=user2,${PEOPLE}`, 'pwdReset', 'TRUE'));
    assert.equal(outcome(await login(search, 'user2', 'pw-user2')), 'rejected password-must-change');
  });

  void test('a locked account is not let in, and the broker`s own tries are counted as they were made', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) await login(search, 'user3', 'wrong'); // oxlint-disable-line no-await-in-loop -- one after the other
    const { pwdFailureTime = [], pwdAccountLockedTime = [] } = await slapd.operationalAttributes(`uid=user3,${PEOPLE}`);
    assert.deepEqual([pwdFailureTime.length, pwdAccountLockedTime.length], [3, 1]);
    assert.equal(outcome(await login(search, 'user3', 'pw-user3')), 'rejected account-locked');
  });

  void test('connections are kept: 50 users one after the other cost one service bind and two connections', () =>
    withLdap({ urls: [slapd.ldapsUrl], tls: { caFile: pki.caFile }, ...search }, SERVICE.password, async (ldap) => {
      const earlier = { service: slapd.binds(SERVICE.dn), accepted: acceptedBy(slapd) };
      for (let index = 4; index < 50; index += 1) {
        assert.equal(outcome(await ldap.login(`user${index}`, `pw-user${index}`)), 'authenticated'); // oxlint-disable-line no-await-in-loop -- one after the other
      }
      assert.equal(slapd.binds(SERVICE.dn) - earlier.service, 1);
      assert.equal(acceptedBy(slapd) - earlier.accepted, 2);
    }));

  void test('a frozen server is unavailable within the deadline, and a restarted one costs no login', (t) =>
    withLdap({ urls: [slapd.ldapsUrl], tls: { caFile: pki.caFile }, ...search }, SERVICE.password, async (ldap) => {
      const attempt = async (deadlineMs: number) =>
        outcome(await ldap.login('alice', people.alice.password, deadlineMs));
      assert.equal(await attempt(2500), 'authenticated');
      freeze(t, slapd);
      const startedMs = performance.now();
      assert.equal(await attempt(500), 'unavailable timeout');
      assert.ok(performance.now() - startedMs < 1000);
      slapd.resume();
      assert.equal(await attempt(2500), 'authenticated');
      await takeDown(t, slapd);
      assert.equal(await attempt(2500), 'unavailable connection-refused');
      await slapd.start();
      assert.equal(await attempt(2500), 'authenticated');
    }));

  void test('nothing was written but what slapd itself notes of passwords, and what this test sent', () => {
    const own = new Set(['pwdFailureTime', 'pwdAccountLockedTime', 'entryCSN', 'modifiersName', 'modifyTimestamp']);
    const sent = new Set(['pwdMustChange', 'pwdReset']);
    const changes = changesIn(slapd.auditLog()).slice(addedByTheRig);
    assert.deepEqual(
      changes.filter((attribute) => !own.has(attribute) && !sent.has(attribute)),
      [],
    );
  });
});

function ldifChange(dn: string, attribute: string, value: string): string {
  return ldifRecord(dn, { changetype: 'modify', replace: attribute, [attribute]: value });
}

/** Of each change the attribute, or `add` and `delete` for whole entries. */
function changesIn(auditLog: string): readonly string[] {
  const changes = auditLog.matchAll(
    /^(?:changetype: (?<entry>add|delete|modrdn)|(?:add|replace|delete): (?<attribute>\w+))$/gm,
  );
  return [...changes].map(({ groups }) => groups?.['entry'] ?? groups?.['attribute'] ?? '');
}

function acceptedBy(slapd: Slapd): number {
  return slapd.log().match(/ ACCEPT from /g)?.length ?? 0;
}
