// The first RDN of DNs as directories write them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstRdn } from '../../../src/upstream/ldap/dn.ts';

const rows = [
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

for (const { name, given, want } of rows) {
  void test(`first RDN: ${name}`, () => assert.deepEqual(firstRdn(given), want));
}
