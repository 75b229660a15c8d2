// What written options come to: the defaults of each kind of directory, and which attribute names the user.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterOf } from '../../../providers/ldap/template.ts';
import { BIND, GROUPS, PEOPLE, parsedOptions } from './open-ldap.ts';

const happy = { urls: ['ldaps://dc1.corp.example'], bind: BIND, userSearch: { baseDN: PEOPLE } };
const userDN = `uid={username},${PEOPLE}`;

void test('the defaults of a generic directory', () => {
  const { user, groups, pool, startTLS } = parsedOptions({ ...happy, groupSearch: { baseDN: GROUPS } });
  const search = { baseDN: PEOPLE, filter: filterOf('(uid={username})'), scope: 'sub' };
  const uid = { attribute: 'uid', prefix: '', suffix: '' };
  assert.deepEqual(user, { how: 'search', search, comparisons: [uid], name: uid, isNameGuessed: false });
  assert.deepEqual(groups, { baseDN: GROUPS, filter: filterOf('(member={dn})'), nameAttribute: 'cn', nested: false });
  assert.deepEqual({ pool, startTLS }, { pool: { size: 10, idleTimeoutMs: 120_000 }, startTLS: false });
});

const groupDefaults = [
  {
    directory: 'posix',
    nested: undefined,
    filter: '(&(objectClass=posixGroup)(memberUid={username}))',
    byBroker: false,
  },
  {
    directory: 'activeDirectory',
    nested: undefined,
    filter: '(member:1.2.840.113556.1.4.1941:={dn})',
    byBroker: false,
  },
  { directory: 'activeDirectory', nested: false, filter: '(member={dn})', byBroker: false },
  { directory: 'generic', nested: true, filter: '(member={dn})', byBroker: true },
];

for (const { directory, nested, filter, byBroker } of groupDefaults) {
  void test(`the group filter of ${directory}, nested ${nested ?? 'by default'}`, () => {
    const groupSearch = { baseDN: GROUPS, ...(nested === undefined ? {} : { nested }) };
    const { groups } = parsedOptions({ ...happy, directory, groupSearch });
    assert.deepEqual([groups?.filter, groups?.nested], [filterOf(filter), byBroker]);
  });
}

const BOTH = '(|(mail={username})(uid={username}))';
const names = [
  { name: 'the first that is compared', given: { userSearch: { baseDN: PEOPLE, filter: BOTH } }, want: 'mail' },
  {
    name: 'the written one',
    given: { userSearch: { baseDN: PEOPLE, filter: BOTH }, usernameAttribute: 'employeeNumber' },
    want: 'employeeNumber',
  },
  { name: 'the one in the DN', given: { userDN }, want: 'uid' },
  {
    name: 'the one that every account has',
    given: { userDN: '{username}@corp.example', directory: 'activeDirectory' },
    want: 'sAMAccountName',
  },
];
for (const { name, given, want } of names) {
  void test(`the attribute that names the user is ${name}`, () =>
    assert.equal(parsedOptions({ ...happy, ...given }).user.name.attribute, want));
}
