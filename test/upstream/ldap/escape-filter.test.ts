// A name in a filter stays a name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EqualityFilter, FilterParser } from 'ldapts';
import { escapeFilterValue } from '../../../src/upstream/ldap/escape-filter.ts';

const rows = [
  { name: 'plain text stays', given: 'alice', want: 'alice' },
  { name: 'the characters of RFC 4515', given: '*()\\\0', want: '\\2a\\28\\29\\5c\\00' },
  { name: 'beyond ASCII nothing changes', given: 'jürgen 東京 🔑', want: 'jürgen 東京 🔑' },
  { name: 'an attempt to close the filter', given: 'x)(uid=*', want: 'x\\29\\28uid=\\2a' },
];

for (const { name, given, want } of rows) {
  void test(`escapes for a filter: ${name}`, () => assert.equal(escapeFilterValue(given), want));
}

void test('any text comes out of the driver`s filter parser as it went in, as one comparison', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const filter = FilterParser.parseString(`(uid=${escapeFilterValue(value)})`);
      assert.ok(filter instanceof EqualityFilter);
      assert.equal(filter.value, value);
    }),
  );
});
