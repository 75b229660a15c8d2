// The programs of @bufbuild/re2, whose instructions the search for matches reads.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RE2JS } from '@bufbuild/re2';
import { findMatch, findMatches } from '../../../src/cel/functions/pike.ts';

void describe('the instructions of @bufbuild/re2', () => {
  const rows: { given: string; want: number[][] }[] = [
    {
      given: 'a',
      want: [
        [5, 0, 0],
        [9, 2, 0],
        [6, 0, 0],
      ],
    },
    {
      given: 'a*',
      want: [
        [5, 0, 0],
        [9, 2, 0],
        [1, 1, 3],
        [6, 0, 0],
      ],
    },
    {
      given: '(a)',
      want: [
        [5, 0, 0],
        [3, 2, 2],
        [9, 3, 0],
        [3, 4, 3],
        [6, 0, 0],
      ],
    },
    {
      given: '^$',
      want: [
        [5, 0, 0],
        [4, 2, 4],
        [4, 3, 8],
        [6, 0, 0],
      ],
    },
    {
      given: '(?m)^$',
      want: [
        [5, 0, 0],
        [4, 2, 1],
        [4, 3, 2],
        [6, 0, 0],
      ],
    },
    {
      given: '\\b\\B',
      want: [
        [5, 0, 0],
        [4, 2, 16],
        [4, 3, 32],
        [6, 0, 0],
      ],
    },
    {
      given: '.',
      want: [
        [5, 0, 0],
        [11, 2, 0],
        [6, 0, 0],
      ],
    },
    {
      given: '(?s).',
      want: [
        [5, 0, 0],
        [10, 2, 0],
        [6, 0, 0],
      ],
    },
    {
      given: '',
      want: [
        [5, 0, 0],
        [7, 2, 0],
        [6, 0, 0],
      ],
    },
  ];
  for (const { given, want } of rows) {
    void test(`of ${given === '' ? 'the empty pattern' : given}`, () => {
      const { prog } = RE2JS.compile(given).re2();
      const found = Array.from({ length: prog.numInst() }, (_, i) => prog.getInst(i));
      const message = '@bufbuild/re2 has other instructions: correct OP and EMPTY in src/cel/functions/pike.ts';
      assert.deepEqual(
        found.map(({ op, out, arg }) => [op, out, arg]),
        want,
        message,
      );
    });
  }
});

void describe('matches', () => {
  const rows: { name: string; given: [pattern: string, text: string]; want: string[] }[] = [
    { name: 'prefer what stands first', given: ['a|ab', 'ab'], want: ['a'] },
    { name: 'take what may repeat as long as it fits', given: ['a+', 'caaat'], want: ['aaa'] },
    { name: 'take little where the pattern says so', given: ['a+?', 'aa'], want: ['a', 'a'] },
    { name: 'go over code points', given: ['.', 'a😀'], want: ['a', '😀'] },
    { name: 'are not empty right behind another', given: ['b*', 'abba'], want: ['', 'bb', ''] },
    { name: 'know the borders of words', given: ['\\bx', 'x xx'], want: ['x', 'x'] },
  ];
  for (const {
    name,
    given: [pattern, text],
    want,
  } of rows) {
    void test(name, () => {
      const regex = RE2JS.compile(pattern);
      const all = findMatches(regex, text, Number.POSITIVE_INFINITY);
      assert.deepEqual(
        all.map(({ start, end }) => text.slice(start, end)),
        want,
      );
      assert.deepEqual(findMatch(regex, text, 0), all[0]);
    });
  }
});
