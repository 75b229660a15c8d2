// What the parser of cel-js must go on doing for us, and what it is kept from taking.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Environment } from '@marcbachmann/cel-js';
import { parse } from '../../../src/cel/syntax/parse.ts';
import { allExprs } from '../../../src/cel/syntax/tree.ts';
import { Fault } from '../../../src/cel/values/value.ts';

const environment = new Environment({ enableOptionalTypes: true });

/** `op start end` of a node, then its operands. */
function shape(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(shape);
  if (typeof node === 'bigint') return Number(node);
  if (typeof node !== 'object' || node === null || !('op' in node)) return node;
  const { op, start, end, args }: { op?: unknown; start?: unknown; end?: unknown; args?: unknown } = node;
  return [`${String(op)} ${String(start)} ${String(end)}`, shape(args)];
}

void describe('the trees of cel-js, which src/cel/syntax/read.ts reads', () => {
  const a = ['id 0 1', 'a'];
  const rows: { given: string; want: unknown }[] = [
    { given: 'a.b', want: ['. 0 3', [a, 'b']] },
    { given: 'a . b', want: ['. 0 5', [a, 'b']] },
    { given: 'a.?b', want: ['.? 0 4', [a, 'b']] },
    { given: 'a[1]', want: ['[] 0 4', [a, ['value 2 3', 1]]] },
    { given: 'a[?1]', want: ['[?] 0 5', [a, ['value 3 4', 1]]] },
    {
      given: 'f(a, b)',
      want: [
        'call 0 7',
        [
          'f',
          [
            ['id 2 3', 'a'],
            ['id 5 6', 'b'],
          ],
        ],
      ],
    },
    { given: 'a.f(b)', want: ['rcall 0 6', ['f', a, [['id 4 5', 'b']]]] },
    {
      given: '[a, b]',
      want: [
        'list 0 6',
        [
          ['id 1 2', 'a'],
          ['id 4 5', 'b'],
        ],
      ],
    },
    {
      given: '{a: b}',
      want: [
        'map 0 6',
        [
          [
            ['id 1 2', 'a'],
            ['id 4 5', 'b'],
          ],
        ],
      ],
    },
    { given: 'a ? b : c', want: ['?: 0 9', [a, ['id 4 5', 'b'], ['id 8 9', 'c']]] },
    { given: '!a', want: ['!_ 0 2', ['id 1 2', 'a']] },
    { given: '- - a', want: ['-_ 0 5', ['-_ 2 5', ['id 4 5', 'a']]] },
    { given: '-1', want: ['-_ 0 2', ['value 1 2', 1]] },
    { given: '""', want: ['value 0 2', ''] },
    { given: 'true', want: ['value 0 4', true] },
    { given: '(a)', want: ['id 1 2', 'a'] },
    {
      given: 'a && b || c',
      want: [
        '|| 0 11',
        [
          ['&& 0 6', [a, ['id 5 6', 'b']]],
          ['id 10 11', 'c'],
        ],
      ],
    },
    {
      given: 'a + b * c',
      want: [
        '+ 0 9',
        [
          a,
          [
            '* 4 9',
            [
              ['id 4 5', 'b'],
              ['id 8 9', 'c'],
            ],
          ],
        ],
      ],
    },
    {
      given: 'a <= b in c',
      want: [
        'in 0 11',
        [
          ['<= 0 6', [a, ['id 5 6', 'b']]],
          ['id 10 11', 'c'],
        ],
      ],
    },
  ];
  for (const { given, want } of rows) {
    void test(given, () => {
      const message = `@marcbachmann/cel-js reads ${given} in another way: see its changelog and ADR 11`;
      assert.deepEqual(shape(environment.parse(given).ast), want, message);
    });
  }
});

void describe('texts that cel-js takes and cel-go does not', () => {
  const rows: { name: string; given: string; want: string; at: number }[] = [
    { name: 'a comma at the end of a call', given: 'size(a,)', want: 'a comma without an operand after it', at: 7 },
    {
      name: 'a condition between ? and :',
      given: 'a ? b ? 1 : 2 : 3',
      want: 'a condition in a condition needs parentheses: a ? (b ? c : d) : e',
      at: 6,
    },
    { name: 'two signs of two kinds', given: '!-a', want: '! and - need parentheses between them', at: 0 },
    { name: 'two literals in a row', given: "'a' 'b'", want: "unexpected literal: 'b'", at: 4 },
    {
      name: 'a name with a dot before it',
      given: '.a',
      want: 'a name has no dot before it: claims, not .claims',
      at: 0,
    },
    {
      name: 'a message',
      given: 'a.b{c: 1}',
      want: 'messages cannot be written here: use timestamp(), duration() or a plain value',
      at: 3,
    },
    {
      name: 'a name between backticks that is no field',
      given: '`a-b`',
      want: 'a name between backticks can only be a field: claims.`a-b`',
      at: 0,
    },
    {
      name: 'a string that does not end',
      given: "'a",
      want: 'the string does not end, or has an unknown escape',
      at: 0,
    },
  ];
  for (const { name, given, want, at } of rows) {
    void test(`refuses ${name}`, () => {
      const fault = parse(given);
      assert.ok(fault instanceof Fault);
      assert.deepEqual([fault.words, fault.at], [want, at]);
    });
  }
});

void test('every part of a tree knows its place in the text', () => {
  const source = "claims.?`a-b`.orValue('é') == {'x': -1}[ 'x' ] ? has(claims.c) : 'é' in ['é']";
  const tree = parse(source);
  assert.ok(!(tree instanceof Fault));
  for (const { start, end } of allExprs(tree)) assert.ok(start >= 0 && start < end && end <= source.length);
});
