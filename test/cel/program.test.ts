// Evaluations share nothing: they may be within one another, and a fault in one leaves no trace in the next.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProgram, type Program } from '../../src/cel/program.ts';
import { claimsVariables } from '../../src/cel/scope.ts';
import { Fault, type Value } from '../../src/cel/values/value.ts';

function program(source: string): Program {
  const made = makeProgram(source, 'claims');
  if (made instanceof Fault) assert.fail(made.words);
  return made;
}

void test('an evaluation within an evaluation of the same program changes neither', () => {
  const sums = program('[1, 2, 3].map(x, x + int(claims.n)).sum()');
  const inner = sums.run(claimsVariables({ n: 10 }));
  const nested: unknown[] = [];
  const claims = (): Value => {
    nested.push(sums.run(claimsVariables({ n: 10 })));
    const value = claimsVariables({ n: 1 }).get('claims');
    assert.ok(value !== undefined);
    return value();
  };
  const outer = sums.run(new Map([['claims', claims]]));
  assert.deepEqual([outer.outcome, outer.cost], [9n, inner.cost]);
  assert.deepEqual(nested, [inner, inner, inner]);
});

void test('a list that a loop collected is not changed by the next evaluation', () => {
  const kept = program('[1, 2].map(x, x)');
  const first = kept.run(claimsVariables({})).outcome;
  const second = kept.run(claimsVariables({})).outcome;
  assert.deepEqual(first, second);
  assert.notEqual(first, second);
});

void test('an evaluation that ended at the limit costs the next one nothing', () => {
  const loops = program('claims.l.all(a, claims.l.all(b, claims.l.all(c, c != "")))');
  const long = Array.from({ length: 300 }, (_, i) => `g${i}`);
  assert.ok(loops.run(claimsVariables({ l: long })).outcome instanceof Fault);
  assert.equal(loops.run(claimsVariables({ l: ['a'] })).outcome, true);
});
