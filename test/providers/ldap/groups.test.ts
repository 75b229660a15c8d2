// The groups claim: memberOf, searches, groups of groups, pages, and what is special in Active Directory.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeLdap, type FakeLdapOptions, startFakeLdap } from '../../support/fake-ldap.ts';
import { encodeEntry, encodeResult } from '../../support/fake-ldap-codec.ts';
import { fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import {
  attributesOf,
  BASES,
  BIND,
  GROUPS,
  type OpenLdap,
  openLdap,
  outcome,
  PEOPLE,
  SERVICE,
  TLS,
  tls,
} from './open-ldap.ts';

const ALICE = fakePerson('alice', 'pw', { memberOf: [`cn=devs,${GROUPS}`, 'cn=a\\, b,dc=x', '#notadn'] });
const ODD = fakePerson('o(d)d*\\,x', 'pw');
const dnOf = (cn: string): string => `cn=${cn},${GROUPS}`;
const nested = [
  fakeGroup('devs', [ALICE.dn]),
  fakeGroup('eng', [dnOf('devs'), dnOf('all')]),
  fakeGroup('all', [dnOf('eng')]),
  fakeGroup('odd', [ODD.dn]),
  fakeGroup('strangers', ['uid=nobody,dc=x']),
];

async function groupsOf(
  written: object,
  change: Partial<FakeLdapOptions>,
  check: (ldap: OpenLdap, directory: FakeLdap) => Promise<void>,
): Promise<void> {
  const others = [SERVICE, ...BASES];
  const directory = await startFakeLdap({
    users: [ALICE, ODD],
    groups: nested,
    others,
    tls,
    readers: [SERVICE.dn],
    ...change,
  });
  const ldap = openLdap({ urls: [directory.url], tls: TLS, bind: BIND, userSearch: { baseDN: PEOPLE }, ...written });
  try {
    await check(ldap, directory);
  } finally {
    await ldap.provider.close();
    await directory.close();
  }
}

const groupSearch = { baseDN: GROUPS };
const rows = [
  { name: 'from memberOf, by the first part of each DN', given: {}, login: 'alice', want: ['devs', 'a, b'] },
  { name: 'from a search', given: { groupSearch }, login: 'alice', want: ['devs'] },
  {
    name: 'groups of groups, although they contain each other',
    given: { groupSearch: { ...groupSearch, nested: true } },
    login: 'alice',
    want: ['devs', 'eng', 'all'],
  },
  {
    name: 'of somebody whose DN needs escaping in a filter',
    given: { groupSearch },
    login: 'o(d)d*\\,x',
    want: ['odd'],
  },
  {
    name: 'by DN',
    given: { groupSearch: { ...groupSearch, nameAttribute: 'dn' } },
    login: 'alice',
    want: [dnOf('devs')],
  },
  {
    name: 'by an attribute that the group does not have',
    given: { groupSearch: { ...groupSearch, nameAttribute: 'gid' } },
    login: 'alice',
    want: [],
  },
  {
    name: 'by the in-chain rule',
    given: { directory: 'activeDirectory', groupSearch, userSearch: { baseDN: PEOPLE, filter: '(uid={username})' } },
    login: 'alice',
    want: ['devs', 'eng', 'all'],
  },
];

for (const { name, given, login, want } of rows) {
  void test(`groups ${name}`, () =>
    groupsOf(given, {}, async (ldap) => assert.deepEqual(attributesOf(await ldap.login(login, 'pw'))['groups'], want)));
}

void test('posix groups go by the name as the directory spells it', () =>
  groupsOf(
    { directory: 'posix', groupSearch },
    {
      users: [fakePerson('Alice', 'pw', { objectClass: 'posixAccount' })],
      groups: [fakeGroup('unix', [], { objectClass: 'posixGroup', memberUid: ['Alice'] })],
    },
    async ({ login }, directory) => {
      assert.deepEqual(attributesOf(await login('aLICE', 'pw'))['groups'], ['unix']);
      assert.match(JSON.stringify(directory.searches.at(-1)?.filter), /"value":"Alice"/);
    },
  ));

const many = Array.from({ length: 1700 }, (_, index) => fakeGroup(`g${index}`, [ALICE.dn]));
const limits = [
  { name: 'no limit', limits: {}, pages: [undefined] },
  { name: 'a size limit', limits: { size: 500 }, pages: [undefined, 500, 500, 500, 500] },
  { name: 'limits for pages too', limits: { size: 100, page: 400 }, pages: [undefined, 500, ...Array(17).fill(100)] },
];
for (const { name, limits: given, pages } of limits) {
  void test(`1,700 groups come through, with ${name}`, () =>
    groupsOf({ groupSearch }, { groups: many, limits: given }, async ({ login }, directory) => {
      const { groups } = attributesOf(await login('alice', 'pw'));
      assert.deepEqual(
        groups,
        many.map((_, index) => `g${index}`),
      );
      const asked = directory.searches.filter(({ baseDN }) => baseDN === GROUPS);
      assert.deepEqual(
        asked.map(({ page }) => page?.size),
        pages,
      );
    }));
}

void test('a size limit without pages is an outage, and the detail says both', () =>
  groupsOf({ groupSearch }, { groups: many, limits: { size: 500, page: 0 } }, async ({ login }) => {
    const verdict = await login('alice', 'pw');
    assert.equal(outcome(verdict), 'unavailable directory-error');
    assert.match(
      (verdict.kind === 'unavailable' && verdict.detail) || '',
      /sizeLimitExceeded\); in pages: result code 11 \(adminLimitExceeded\), "illegal pagedResults page size"$/,
    );
  }));

const faults: readonly { name: string; script: FakeScript; want: string }[] = [
  { name: 'a size limit of the server', script: onGroups({ code: 4 }), want: 'unavailable directory-error' },
  { name: 'a limit of its time', script: onGroups({ code: 3 }), want: 'unavailable directory-error' },
  { name: 'a limit of its work', script: onGroups({ code: 11 }), want: 'unavailable directory-error' },
  { name: 'no right to search', script: onGroups({ code: 50 }), want: 'unavailable insufficient-rights' },
  { name: 'a base that does not exist', script: onGroups({ code: 32 }), want: 'unavailable directory-error' },
  { name: 'a referral', script: onGroups({ code: 10, referral: 'ldap://elsewhere' }), want: 'unavailable referral' },
];

function onGroups(result: { code: number; referral?: string }): FakeScript {
  return (request) => (request.op === 'search' && request.baseDN === GROUPS ? result : undefined);
}

for (const { name, script, want } of faults) {
  void test(`groups that cannot be read let nobody in with fewer: ${name}`, () =>
    groupsOf({ groupSearch }, { script }, async ({ login }) =>
      assert.equal(outcome(await login('alice', 'pw')), want),
    ));
}

const SID = Buffer.from('010500000000000515000000010000000200000003000000f4010000', 'hex');
const GUID = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
const account = fakePerson('alice', 'pw', {
  objectClass: 'user',
  sAMAccountName: 'Alice',
  objectGUID: GUID,
  objectSid: SID,
  primaryGroupID: '513',
  memberOf: dnOf('devs'),
});
const domainUsers = {
  dn: 'CN=Domain Users,CN=Users,DC=x',
  attributes: { objectClass: 'group', cn: 'Domain Users', sidText: 'S-1-5-21-1-2-3-513' },
};
const activeDirectory = { directory: 'activeDirectory' };

void test('Active Directory: the primary group is among the groups, and asked for once', () =>
  groupsOf(
    activeDirectory,
    { users: [account], others: [SERVICE, ...BASES, domainUsers] },
    async ({ login }, directory) => {
      const claims = attributesOf(await login('alice', 'pw'));
      assert.deepEqual([claims['groups'], claims['username']], [['Domain Users', 'devs'], 'Alice']);
      assert.equal(claims['subject'], '00112233-4455-6677-8899-aabbccddeeff');
      assert.equal(claims['objectGUID'], GUID.toString('base64'));
      await login('alice', 'pw');
      assert.equal(directory.searches.filter(({ baseDN }) => baseDN.startsWith('<SID=')).length, 1);
    },
  ));

void test('Active Directory: groups that contain the primary group are found too', () =>
  groupsOf(
    { ...activeDirectory, groupSearch },
    { users: [account], others: [SERVICE, ...BASES, domainUsers], groups: [fakeGroup('everybody', [domainUsers.dn])] },
    async ({ login }) =>
      assert.deepEqual(attributesOf(await login('alice', 'pw'))['groups'], ['Domain Users', 'everybody']),
  ));

void test('Active Directory: memberOf in ranges is read to its end', () => {
  const all = Array.from({ length: 7 }, (_, index) => dnOf(`g${index}`));
  const script: FakeScript = (request) => {
    if (request.op !== 'search' || request.baseDN.startsWith('<SID=')) return undefined;
    const start = Number(/range=(?<start>\d+)/.exec(request.attributes.join())?.groups?.['start'] ?? 0);
    const end = start + 3 >= all.length ? '*' : String(start + 2);
    const values = all.slice(start, start + 3);
    const entry = encodeEntry(request.id, account.dn, [
      ['sAMAccountName', ['Alice']],
      ['memberOf', []],
      [`memberOf;range=${start}-${end}`, values],
    ]);
    return { raw: Buffer.concat([entry, encodeResult(request.id, 'search', { code: 0 })]) };
  };
  return groupsOf(activeDirectory, { users: [account], script }, async ({ login }) =>
    assert.deepEqual(attributesOf(await login('alice', 'pw'))['groups'], ['g0', 'g1', 'g2', 'g3', 'g4', 'g5', 'g6']),
  );
});
