// Proves that expressions end as in kube-apiserver: the same value at the same cost, or none where it has none.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { withDifferences } from './differences.ts';
import { comparable, type Recorded, readRecorded, resultHere } from './recorded.ts';

const recorded = readRecorded();

for (const [about, rows] of Map.groupBy(recorded, (row) => row.about)) {
  void describe(`expressions about ${about}`, () => {
    for (const row of rows) void test(`${row.place ?? ''} ${row.expression}`, () => agrees(row));
  });
}

function agrees(row: Recorded): void {
  const [here, there] = [comparable(row, resultHere(row)), comparable(row, row.kubeApiserver)];
  if (row.difference === undefined) assert.deepEqual(here, there);
  else assert.notEqual(typeof here, typeof there, 'this difference is gone, or gives another value');
}

void test('the page has the differences of these results', () => {
  const page = readFileSync(new URL('../../providers/expressions.md', import.meta.url), 'utf8');
  assert.equal(page, withDifferences(page, recorded));
});
