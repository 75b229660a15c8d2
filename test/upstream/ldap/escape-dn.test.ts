// A name in a DN stays a name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { firstRdn } from '../../../src/upstream/ldap/dn.ts';
import { escapeDnValue } from '../../../src/upstream/ldap/escape-dn.ts';

const rows = [
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

for (const { name, given, want } of rows) {
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
