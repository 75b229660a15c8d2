// The closed tables of reasons: complete, disjoint, and useful to whoever reads one.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MALFORMED_REASONS, OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import type { ReasonRow } from '../../src/core/reason-row.ts';
import { describeReason } from '../../src/core/reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../src/core/refusal-reasons.ts';

const TABLES = { ABSTAIN_REASONS, REJECT_REASONS, OUTAGE_REASONS, MALFORMED_REASONS };

const rowsOf = (table: Readonly<Record<string, ReasonRow>>): readonly (readonly [string, ReasonRow])[] =>
  Object.entries(table);

for (const [table, rows] of Object.entries(TABLES)) {
  void describe(table, () => {
    for (const [reason, { meaning, next }] of rowsOf(rows)) {
      void test(reason, () => {
        assert.match(reason, /^[a-z]+(?:-[a-z]+)*$/);
        assert.match(meaning, /^(?:[A-Z]|spec\.).*\.$/, 'meaning is a sentence');
        assert.match(next, /^\S.{4,}\.$/, 'next is a sentence');
        assert.doesNotMatch(meaning + next, /\n/);
      });
    }
  });
}

void test('a word has one meaning: no two tables share one, and no two reasons the same sentence', () => {
  const all = Object.values(TABLES).flatMap(rowsOf);
  assert.equal(new Set(all.map(([reason]) => reason)).size, all.length);
  assert.equal(new Set(all.map(([, { meaning }]) => meaning)).size, all.length);
});

void test('only refusals are evaluated passwords, and only outages are of the transport', () => {
  for (const [reason, row] of rowsOf(OUTAGE_REASONS)) assert.equal(row.evaluated, undefined, reason);
  for (const [reason, row] of [...rowsOf(ABSTAIN_REASONS), ...rowsOf(REJECT_REASONS)]) {
    assert.equal(row.transport, undefined, reason);
  }
});

void test('what the broker finds alone says nothing about an upstream', () => {
  for (const [reason, row] of Object.values(TABLES).flatMap(rowsOf)) {
    if (row.local === true) assert.deepEqual([row.evaluated, row.transport], [undefined, undefined], reason);
  }
});

void test('every reason is described', () => {
  assert.equal(describeReason('timeout'), OUTAGE_REASONS.timeout);
  assert.equal(describeReason('no-match'), ABSTAIN_REASONS['no-match']);
  assert.equal(describeReason('forbidden'), REJECT_REASONS.forbidden);
  const own = describeReason('unknown-key', { 'unknown-key': 'Add the key.' });
  assert.deepEqual(own, { ...ABSTAIN_REASONS['unknown-key'], next: 'Add the key.' });
  assert.equal(describeReason('timeout', { 'unknown-key': 'Add the key.' }), OUTAGE_REASONS.timeout);
});
