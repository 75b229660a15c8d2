// Proves that random expressions end as they did in kube-apiserver, and that the sample has all functions and outcomes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FUNCTIONS } from '../../../src/cel/functions/index.ts';
import { resultHere } from '../recorded.ts';
import { randomQuestions, readRandom } from './recorded.ts';

const recorded = readRandom();

void describe('random expressions', () => {
  void test('end as in kube-apiserver, with the same value at the same cost', () => {
    for (const row of recorded) assert.deepEqual(resultHere(row), row.kubeApiserver, JSON.stringify(row));
  });

  void test('give values, fail and are refused', () => {
    const outcomes = Map.groupBy(recorded, (row) =>
      typeof row.kubeApiserver === 'string' ? row.kubeApiserver : 'value',
    );
    for (const outcome of ['value', 'fails', 'refused'] as const) {
      const count = outcomes.get(outcome)?.length ?? 0;
      assert.ok(count > recorded.length / 10, `${outcome}: ${count} of ${recorded.length}`);
    }
  });

  void test('are the same for the same seed, and call every function', () => {
    const expressions = randomQuestions(7, 12_000).map(({ expression }) => expression);
    assert.deepEqual(
      randomQuestions(7, 50).map(({ expression }) => expression),
      expressions.slice(0, 50),
    );
    const text = expressions.join('\n');
    const names = [...FUNCTIONS.keys()].filter((name) => /^[a-z][a-zA-Z0-9.]*$/.test(name));
    assert.deepEqual(
      names.filter((name) => !text.includes(`${name}(`)),
      [],
    );
  });
});
