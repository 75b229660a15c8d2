// An entry becomes claims: forms of values, names of attributes, the subject, and nothing secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsOf, guidText, primaryGroupSid, sidText, subjectOf, usernameOf } from '../../../providers/ldap/entry.ts';
import type { JsonObject } from '../../../src/text/json.ts';
import type { LdapEntry } from '../../../src/upstream/ldap/message.ts';

function entryOf(attributes: Readonly<Record<string, readonly (string | Buffer)[]>>): LdapEntry {
  const list = Object.entries(attributes).map(([name, values]) => ({
    name,
    values: values.map((value) => Buffer.from(value)),
  }));
  return { dn: 'uid=Alice,dc=x', attributes: list };
}

function attributesOf(attributes: Parameters<typeof entryOf>[0], configured: readonly string[] = []) {
  const stated = { username: 'Alice', groups: ['g'], subject: 's', configured };
  return { ...claimsOf({ entry: entryOf(attributes), ...stated }).attributes };
}
const sorted = (claims: JsonObject) => Object.entries(claims).toSorted(([a], [b]) => (a < b ? -1 : 1));
const own = { dn: 'uid=Alice,dc=x', groups: ['g'], subject: 's', username: 'Alice' };

interface Row {
  readonly name: string;
  readonly given: Parameters<typeof entryOf>[0];
  readonly want: JsonObject;
}

const rows: readonly Row[] = [
  {
    name: 'one value is a string, several are a list',
    given: { mail: ['a'], cn: ['b', 'c'] },
    want: { mail: 'a', cn: ['b', 'c'] },
  },
  {
    name: 'a boolean and a number stay text',
    given: { active: ['FALSE'], n: ['7'] },
    want: { active: 'FALSE', n: '7' },
  },
  { name: 'bytes that are not UTF-8 are base64', given: { x: [Buffer.from([0xff, 0xfe])] }, want: { x: '//4=' } },
  {
    name: 'one value that is not UTF-8 makes all of them base64',
    given: { x: ['a', Buffer.from([0xff])] },
    want: { x: ['YQ==', '/w=='] },
  },
  {
    name: 'a binary attribute is base64 even when it happens to be text',
    given: { objectSid: ['abc'], 'x;binary': ['a'] },
    want: { objectSid: 'YWJj', 'x;binary': 'YQ==' },
  },
  { name: 'an attribute without values is left out', given: { x: [] }, want: {} },
  {
    name: 'passwords are left out',
    given: { userPassword: ['{SSHA}x'], unicodePwd: ['x'], 'ms-Mcs-AdmPwd': ['x'] },
    want: {},
  },
  {
    name: 'an attribute does not replace what the provider states',
    given: { username: ['root'], groups: ['admins'], subject: ['0'], dn: ['x'] },
    want: {},
  },
  {
    name: 'names of Object.prototype are data',
    given: { ['__proto__']: ['x'], constructor: ['y'] },
    want: { ['__proto__']: 'x', constructor: 'y' },
  },
];

for (const { name, given, want } of rows) {
  void test(`claims: ${name}`, () => {
    assert.deepEqual(sorted(attributesOf(given)), sorted({ ...want, ...own }));
  });
}

void test('claims: found under the server`s spelling and under the configured one', () => {
  assert.deepEqual(attributesOf({ departmentNumber: ['7'] }, ['DEPARTMENTNUMBER']), {
    departmentNumber: '7',
    DEPARTMENTNUMBER: '7',
    ...own,
  });
});

const spellings = [
  { name: 'the directory`s case', given: { uid: ['ALICE'] }, want: 'ALICE' },
  { name: 'the one in the DN, of several', given: { uid: ['bob', 'Alice', 'Aaron'] }, want: 'Alice' },
  { name: 'the first of the alphabet, when none is in the DN', given: { uid: ['bob', 'al'] }, want: 'al' },
  { name: 'nothing when the entry does not show the attribute', given: { cn: ['alice'] }, want: undefined },
  { name: 'nothing when the value is empty', given: { uid: [''] }, want: undefined },
];

for (const { name, given, want } of spellings) {
  void test(`the name of the user: ${name}`, () =>
    assert.equal(usernameOf(entryOf(given), { attribute: 'UID', prefix: '', suffix: '' }), want));
}

void test('the name of the user: without what the filter adds, and nothing from a value that lacks it', () => {
  const mail = { attribute: 'mail', prefix: 'smtp:', suffix: '@Corp.Example' };
  assert.equal(
    usernameOf(entryOf({ mail: ['SMTP:Alice.Adams@corp.example', 'x@other.example'] }), mail),
    'Alice.Adams',
  );
  assert.equal(usernameOf(entryOf({ mail: ['smtp:alice@other.example'] }), mail), undefined);
});

const GUID = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
const SID = Buffer.from('010500000000000515000000010000000200000003000000f4010000', 'hex');

void test('identifiers of Active Directory as people write them', () => {
  assert.equal(guidText(GUID), '00112233-4455-6677-8899-aabbccddeeff');
  assert.equal(guidText(GUID.subarray(1)), undefined);
  assert.equal(sidText(SID), 'S-1-5-21-1-2-3-500');
  assert.equal(sidText(SID.subarray(0, 20)), undefined);
  assert.equal(primaryGroupSid(SID, '513'), 'S-1-5-21-1-2-3-513');
  assert.equal(primaryGroupSid(SID, '513)(x=*'), undefined);
});

const subjects: readonly (Omit<Row, 'want'> & { attributes: string[]; want: object })[] = [
  {
    name: 'entryUUID',
    given: { entryUUID: ['u'], nsUniqueId: ['n'] },
    attributes: ['entryUUID', 'nsUniqueId'],
    want: { subject: 'u', isStable: true },
  },
  {
    name: 'what comes next, when it is missing',
    given: { nsUniqueId: ['n'] },
    attributes: ['entryUUID', 'nsUniqueId'],
    want: { subject: 'n', isStable: true },
  },
  {
    name: 'objectGUID as text',
    given: { objectGUID: [GUID] },
    attributes: ['objectGUID'],
    want: { subject: '00112233-4455-6677-8899-aabbccddeeff', isStable: true },
  },
  {
    name: 'the DN when there is nothing better',
    given: {},
    attributes: ['entryUUID'],
    want: { subject: 'uid=Alice,dc=x', isStable: false },
  },
];

for (const { name, given, attributes, want } of subjects) {
  void test(`the subject: ${name}`, () => assert.deepEqual(subjectOf(entryOf(given), attributes), want));
}
