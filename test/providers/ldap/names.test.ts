// One person, several login names: one user, one budget, and the groups of that user.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rejected } from '../../../src/core/verdict.ts';
import { fakeGroup, fakePerson } from '../../support/fake-ldap-data.ts';
import { attributesOf, GROUPS, inDirectory, outcome, PEOPLE } from './open-ldap.ts';

const PIA = fakePerson('pia', 'pw', {
  uid: ['pia', 'pia.old', 'a-pia'],
  mail: 'Pia.Smith@corp.example',
  gidNumber: '100',
  departmentNumber: ['7', '8'],
});
const filter = '(|(uid={username})(mail={username}))';
const userSearch = { baseDN: PEOPLE, filter };
const NAMES = ['pia', 'PIA', 'pia.old', 'Pia.Smith@corp.example', 'PIA.SMITH@CORP.EXAMPLE'];

void test('every name of a person is one user: the value of one attribute', () =>
  inDirectory({ users: [PIA] }, { userSearch }, async ({ login }) => {
    const verdicts = await Promise.all(NAMES.map((name) => login(name, 'pw')));
    assert.deepEqual(new Set(verdicts.map((verdict) => attributesOf(verdict)['username'])), new Set(['pia']));
  }));

void test('which attribute it is can be written', () =>
  inDirectory({ users: [PIA] }, { userSearch, usernameAttribute: 'mail' }, async ({ login }) => {
    assert.equal(attributesOf(await login('pia.old', 'pw'))['username'], 'Pia.Smith@corp.example');
  }));

void test('an attribute that the entry lacks names nobody, so that the default mapping refuses', () =>
  inDirectory({ users: [PIA] }, { userSearch, usernameAttribute: 'employeeNumber' }, async ({ login }) => {
    assert.equal(attributesOf(await login('pia', 'pw'))['username'], undefined);
  }));

void test('leave is asked for the entry that was found, before the password is tried', () =>
  inDirectory({ users: [PIA] }, { userSearch }, async ({ review }, directory) => {
    const asked: string[] = [];
    const spendOn = async (account: string) => {
      asked.push(account);
      return rejected('forbidden');
    };
    for (const name of NAMES) assert.equal(outcome(await review(name, 'pw', { spendOn })), 'rejected forbidden'); // oxlint-disable-line no-await-in-loop -- one after the other
    assert.deepEqual(
      asked,
      NAMES.map(() => PIA.dn),
    );
    assert.equal(
      directory.binds.some(({ dn }) => dn === PIA.dn),
      false,
    );
  }));

void test('and for the entry of an account name, too', () => {
  const users = [{ ...PIA, bindNames: ['pia@corp.example', 'pia.old@corp.example'] }];
  const written = { userDN: '{username}@corp.example', userSearch: { baseDN: PEOPLE, filter: '(uid={username})' } };
  return inDirectory({ users }, written, async ({ review }, directory) => {
    const asked: string[] = [];
    const spendOn = async (account: string) => void asked.push(account);
    assert.equal(outcome(await review('pia', 'pw', { spendOn })), 'authenticated');
    assert.equal(outcome(await review('pia.old', 'no', { spendOn })), 'rejected wrong-password');
    assert.deepEqual(asked, [PIA.dn, PIA.dn]);
    assert.deepEqual(
      directory.binds.slice(1).map(({ dn }) => dn),
      ['pia@corp.example', 'pia.old@corp.example'],
    );
  });
});

const groups = [
  fakeGroup('by-uid', [], { objectClass: 'posixGroup', memberUid: 'pia' }),
  fakeGroup('by-number', [], { objectClass: 'posixGroup', gidNumber: '100' }),
  fakeGroup('by-department', [], { description: '8' }),
  fakeGroup('by-dn', [PIA.dn]),
];
const rows = [
  { name: 'the claim username', given: '(memberUid={username})', want: ['by-uid'] },
  { name: 'another attribute than the typed one', given: '(memberUid={uid})', want: ['by-uid'] },
  { name: 'a number', given: '(gidNumber={gidNumber})', want: ['by-number'] },
  { name: 'each value of an attribute', given: '(description={departmentNumber})', want: ['by-department'] },
  { name: 'several ways at once', given: '(|(member={dn})(memberUid={uid}))', want: ['by-uid', 'by-dn'] },
  {
    name: 'the DN alone, where the attribute is missing',
    given: '(|(member={dn})(memberUid={employeeNumber}))',
    want: ['by-dn'],
  },
  { name: 'nothing, where only a missing attribute is compared', given: '(memberUid={employeeNumber})', want: [] },
  { name: 'nothing, where a missing attribute is excluded', given: '(!(memberUid={employeeNumber}))', want: [] },
];
for (const { name, given, want } of rows) {
  void test(`after a login by mail, groups go by ${name}`, () =>
    inDirectory(
      { users: [PIA], groups },
      { userSearch, groupSearch: { baseDN: GROUPS, filter: given } },
      async ({ login }) => {
        const verdict = await login('pia.smith@corp.example', 'pw');
        assert.deepEqual(attributesOf(verdict)['groups'], want);
        const dropped = verdict.kind === 'authenticated' ? (verdict.value.droppedGroups ?? []) : [];
        const missing = {
          group: 'groups by {employeeNumber}',
          why: 'not asked',
          detail: 'the entry has no employeeNumber',
        };
        assert.deepEqual(dropped, given.includes('employeeNumber') ? [missing] : []);
      },
    ));
}

void test('a value is never a part of the filter', () => {
  const users = [fakePerson('eve', 'pw', { departmentNumber: '*)(objectClass=*' })];
  const written = { groupSearch: { baseDN: GROUPS, filter: '(description={departmentNumber})' } };
  return inDirectory({ users, groups }, written, async ({ login }) =>
    assert.deepEqual(attributesOf(await login('eve', 'pw'))['groups'], []),
  );
});

void test('more values than a filter can hold are an outage, never fewer groups', () => {
  const users = [fakePerson('max', 'pw', { departmentNumber: Array.from({ length: 1001 }, String) })];
  const written = { groupSearch: { baseDN: GROUPS, filter: '(description={departmentNumber})' } };
  return inDirectory({ users }, written, async ({ login }) =>
    assert.equal(outcome(await login('max', 'pw')), 'unavailable oversize-answer'),
  );
});
