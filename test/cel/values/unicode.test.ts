// The characters that kube-apiserver's Go does not know yet.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEWER_CHARACTER, RECLASSIFIED_CHARACTER } from '../../../src/cel/values/unicode.ts';

void test('Node has the Unicode that the list of newer characters was made for', () => {
  assert.equal(process.versions['unicode'], '17.0', 'add what is new since to src/cel/values/unicode.ts');
});

void test('letters of Unicode 15.1 and later are newer, those before are not', () => {
  const found = ['ᲊ', '𐵐', '\u{2ebf0}', 'ß', '一', '😀', 'ʕ'].map((character) => NEWER_CHARACTER.test(character));
  assert.deepEqual(found, [true, true, true, false, false, false, false]);
  assert.ok(RECLASSIFIED_CHARACTER.test('ʕ'));
});
