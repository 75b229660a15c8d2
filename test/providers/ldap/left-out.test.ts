// Groups are never fewer without a word, and a server that knows no groups of groups keeps nobody out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claims } from '../../../src/core/claims.ts';
import type { Verdict } from '../../../src/core/verdict.ts';
import { encodeEntry, encodeReference, encodeResult, type FakeFilter } from '../../support/fake-ldap-codec.ts';
import { type FakeEntry, fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { attributesOf, GROUPS, inDirectory, outcome } from './open-ldap.ts';

const ALICE = fakePerson('alice', 'pw');
const dnOf = (cn: string): string => `cn=${cn},${GROUPS}`;
const nested = { groupSearch: { baseDN: GROUPS, nested: true } };

function mentions(filter: FakeFilter, text: string): boolean {
  if ('parts' in filter) return filter.parts.some((part) => mentions(part, text));
  if ('part' in filter) return mentions(filter.part, text);
  return 'value' in filter && filter.value.includes(text);
}

/** As lldap: a filter with the DN of a group among the members is an error. */
const refusesGroups =
  (code: number, which = GROUPS): FakeScript =>
  (request) =>
    request.op === 'search' && request.baseDN === GROUPS && mentions(request.filter, which)
      ? { code, diagnostic: 'Invalid DN' }
      : undefined;

for (const code of [32, 34, 53]) {
  void test(`a server that answers ${code} to the DN of a group has no groups of groups, which is stated`, () =>
    inDirectory(
      { users: [ALICE], groups: [fakeGroup('devs', [ALICE.dn])], script: refusesGroups(code) },
      nested,
      async ({ login }) => {
        const verdict = await login('alice', 'pw');
        assert.deepEqual(attributesOf(verdict)['groups'], ['devs']);
        const [dropped] = verdict.kind === 'authenticated' ? (verdict.value.droppedGroups ?? []) : [];
        assert.deepEqual([dropped?.group, dropped?.why], ['groups of groups', 'not asked']);
        assert.match(dropped?.detail ?? '', /Invalid DN/);
      },
    ));
}

void test('one group that the server does not take hides the parents of no other', () => {
  const groups = [
    fakeGroup('devs', [ALICE.dn]),
    fakeGroup('odd', [ALICE.dn]),
    fakeGroup('above', [dnOf('devs')]),
    fakeGroup('hidden', [dnOf('odd')]),
  ];
  return inDirectory({ users: [ALICE], groups, script: refusesGroups(34, dnOf('odd')) }, nested, async ({ login }) =>
    assert.deepEqual(attributesOf(await login('alice', 'pw'))['groups'], ['devs', 'odd', 'above']),
  );
});

const outages = [
  { name: 'busy', code: 51, want: 'unavailable directory-error' },
  { name: 'without the right to search', code: 50, want: 'unavailable insufficient-rights' },
  { name: 'over its time limit', code: 3, want: 'unavailable directory-error' },
];
for (const { name, code, want } of outages) {
  void test(`a server that is ${name} on the way up is an outage`, () =>
    inDirectory(
      { users: [ALICE], groups: [fakeGroup('devs', [ALICE.dn])], script: refusesGroups(code) },
      nested,
      async ({ login }) => assert.equal(outcome(await login('alice', 'pw')), want),
    ));
}

void test('the user`s own groups are not optional: 34 is an outage there', () =>
  inDirectory({ users: [ALICE], script: refusesGroups(34, ALICE.dn) }, nested, async ({ login }) =>
    assert.equal(outcome(await login('alice', 'pw')), 'unavailable directory-error'),
  ));

const nameless: FakeEntry = { dn: `ou=x,${GROUPS}`, attributes: { objectClass: 'groupOfNames', member: ALICE.dn } };
const binary: FakeEntry = fakeGroup('binary', [ALICE.dn], { cn: Buffer.from([0xff, 0xfe]) });

void test('groups without a name are stated as such, with their DNs', () =>
  inDirectory(
    { users: [ALICE], groups: [nameless, fakeGroup('devs', [ALICE.dn]), binary] },
    { groupSearch: { baseDN: GROUPS } },
    async ({ login }) => {
      const verdict = await login('alice', 'pw');
      assert.deepEqual(attributesOf(verdict)['groups'], ['devs']);
      assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.droppedGroups, [
        { group: nameless.dn, why: 'nameless' },
        { group: binary.dn, why: 'nameless' },
      ]);
    },
  ));

void test('so are those of memberOf', () => {
  const users = [
    fakePerson('alice', 'pw', { memberOf: [dnOf('devs'), '#notadn', Buffer.from([0x63, 0x6e, 0x3d, 0xff])] }),
  ];
  return inDirectory({ users }, {}, async ({ login }) => {
    const verdict = await login('alice', 'pw');
    assert.deepEqual(attributesOf(verdict)['groups'], ['devs']);
    const dropped = verdict.kind === 'authenticated' ? (verdict.value.droppedGroups ?? []) : [];
    assert.deepEqual(
      dropped.map(({ group }) => group),
      ['#notadn', 'cn=\ufffd'],
    );
  });
});

void test('what could not be asked for is stated as left out', () =>
  inDirectory(
    { users: [ALICE] },
    { groupSearch: { baseDN: GROUPS, filter: '(memberUid={employeeNumber})' } },
    async ({ login }) => {
      const verdict = await login('alice', 'pw');
      assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.droppedGroups, [
        { group: 'groups by {employeeNumber}', why: 'not asked', detail: 'the entry has no employeeNumber' },
      ]);
    },
  ));

const refersTo =
  (...urls: readonly string[]): FakeScript =>
  (request) =>
    request.op === 'search' && request.baseDN === GROUPS
      ? {
          raw: Buffer.concat([
            encodeEntry(request.id, dnOf('devs'), [['cn', ['devs']]]),
            ...urls.map((url) => encodeReference(request.id, url)),
            encodeResult(request.id, 'search', { code: 0 }),
          ]),
        }
      : undefined;

void test('groups that are at another server are stated as not asked, with its address in printable characters', () =>
  inDirectory(
    { users: [ALICE], script: refersTo('ldap://child.example/ou=groups,dc=child', 'ldap://b\u202e/') },
    { groupSearch: { baseDN: GROUPS } },
    async ({ login }) => {
      const verdict = await login('alice', 'pw');
      assert.deepEqual(attributesOf(verdict)['groups'], ['devs']);
      assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.droppedGroups, [
        {
          group: 'groups at another server',
          why: 'not asked',
          detail: 'referrals are never followed: ldap://child.example/ou=groups,dc=child ldap://b /',
        },
      ]);
    },
  ));

void test('the parts of every Active Directory that hold no groups are not spoken of', () => {
  const parts = ['CN=Configuration', 'DC=ForestDnsZones', 'DC=DomainDnsZones'];
  const urls = parts.map((part) => `ldap://corp.example/${part},DC=corp,DC=example`);
  const written = { groupSearch: { baseDN: GROUPS } };
  return inDirectory({ users: [ALICE], script: refersTo(...urls) }, written, async ({ login }) => {
    const verdict = await login('alice', 'pw');
    assert.equal(verdict.kind === 'authenticated' && verdict.value.droppedGroups, undefined);
  });
});

void test('an account of Active Directory that does not show its primary group is told as such', () =>
  inDirectory(
    { users: [fakePerson('alice', 'pw', { objectClass: 'user', sAMAccountName: 'alice', memberOf: dnOf('devs') })] },
    { directory: 'activeDirectory' },
    async ({ login }) => {
      const verdict = await login('alice', 'pw');
      assert.deepEqual(attributesOf(verdict)['groups'], ['devs']);
      const [dropped] = (verdict.kind === 'authenticated' && verdict.value.droppedGroups) || [];
      assert.deepEqual([dropped?.group, dropped?.why], ['the primary group', 'not asked']);
    },
  ));

for (const { deep, want } of [
  { deep: 20, want: 'authenticated' },
  { deep: 21, want: 'unavailable oversize-answer' },
]) {
  void test(`groups ${deep} deep: ${want}`, () => {
    const groups = Array.from({ length: deep }, (_, level) =>
      fakeGroup(`level${level}`, [level === 0 ? ALICE.dn : dnOf(`level${level - 1}`)]),
    );
    return inDirectory({ users: [ALICE], groups }, nested, async ({ login }) => {
      const verdict = await login('alice', 'pw');
      assert.equal(outcome(verdict), want);
      if (verdict.kind === 'authenticated') assert.equal(claimedGroups(verdict), deep);
    });
  });
}

function claimedGroups(verdict: Verdict<Claims>): number {
  const { groups } = attributesOf(verdict);
  return Array.isArray(groups) ? groups.length : 0;
}
