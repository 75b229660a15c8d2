// A name in a DN stays a name, and comes out of it as it went in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { escapeDnValue, firstRdn } from '../../../src/upstream/ldap/dn.ts';

const dnRows = [
  { name: 'plain text stays', given: 'alice', want: 'alice' },
  { name: 'the characters of RFC 4514', given: 'a"+,;<>\\=b', want: 'a\\"\\+\\,\\;\\<\\>\\\\\\=b' },
  { name: 'a space and a number sign at the start', given: ' a', want: '\\ a' },
  { name: 'a number sign at the start only', given: '#a#', want: '\\#a#' },
  { name: 'a space at the end', given: 'a ', want: 'a\\ ' },
  { name: 'a space after a backslash at the end', given: 'a\\ ', want: 'a\\\\\\ ' },
  { name: 'nothing but a space', given: ' ', want: '\\ ' },
  { name: 'NUL and line feed', given: '\0\n', want: '\\00\\0a' },
  { name: 'an attempt to climb to another entry', given: 'x,ou=admins', want: 'x\\,ou\\=admins' },
];

for (const { name, given, want } of dnRows) {
  void test(`escapes for a DN: ${name}`, () => assert.equal(escapeDnValue(given), want));
}

for (const value of ['\u00a0', ' \u00a0', '\u2003x\u2003', '  ', '\t']) {
  void test(`spaces of every kind belong to the name: ${JSON.stringify(value)}`, () => {
    assert.deepEqual(firstRdn(`uid=${escapeDnValue(value)},ou=people`), { attribute: 'uid', value });
  });
}

void test('any name comes out of a DN as it went in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
      assert.deepEqual(firstRdn(`uid=${escapeDnValue(value)},ou=people`), { attribute: 'uid', value });
    }),
  );
});

const rdnRows = [
  { name: 'a plain one', given: 'cn=devs,ou=groups,dc=x', want: { attribute: 'cn', value: 'devs' } },
  { name: 'an escaped comma', given: 'CN=Smith\\, John,OU=x', want: { attribute: 'CN', value: 'Smith, John' } },
  {
    name: 'hexadecimal pairs',
    given: 'cn=R\\5CD \\(\\e6\\9d\\b1\\)\\2C Ops,ou=x',
    want: { attribute: 'cn', value: 'R\\D (東), Ops' },
  },
  { name: 'spaces around', given: ' cn = devs , ou=x', want: { attribute: 'cn', value: 'devs' } },
  { name: 'an escaped space at the end', given: 'cn=devs\\ ,ou=x', want: { attribute: 'cn', value: 'devs ' } },
  { name: 'several attributes in one RDN', given: 'cn=a+uid=b,ou=x', want: { attribute: 'cn', value: 'a' } },
  { name: 'quotes of RFC 1779', given: 'cn="a, b",ou=x', want: { attribute: 'cn', value: 'a, b' } },
  { name: 'a GUID in place of a name has no readable value', given: 'cn=#0403616263,ou=x', want: undefined },
  { name: 'no DN', given: 'devs', want: undefined },
  { name: 'escaped bytes that are not UTF-8', given: 'cn=\\ff,ou=x', want: undefined },
  { name: 'nothing', given: '', want: undefined },
];

for (const { name, given, want } of rdnRows) {
  void test(`first RDN: ${name}`, () => assert.deepEqual(firstRdn(given), want));
}
