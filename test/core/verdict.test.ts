// The four verdicts: how they are made, named and ranked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abstained, authenticated, outranks, reasonOf, rejected, unavailable } from '../../src/core/verdict.ts';

void test('a verdict has no field that was not given', () => {
  assert.deepEqual(authenticated(1), { kind: 'authenticated', value: 1 });
  assert.deepEqual(authenticated(1, 0), { kind: 'authenticated', value: 1, expiresAt: 0 });
  assert.deepEqual(abstained('no-match'), { kind: 'abstained', reason: 'no-match' });
  assert.deepEqual(rejected('forbidden', 'why'), { kind: 'rejected', reason: 'forbidden', detail: 'why' });
  assert.deepEqual(unavailable('timeout'), { kind: 'unavailable', reason: 'timeout' });
  assert.deepEqual(unavailable('timeout', 'where', 1), {
    kind: 'unavailable',
    reason: 'timeout',
    detail: 'where',
    cause: 1,
  });
});

void test('the reason of an authenticated verdict is ok', () => {
  assert.equal(reasonOf(authenticated(1)), 'ok');
  assert.equal(reasonOf(unavailable('timeout')), 'timeout');
});

void test('authenticated > unavailable > rejected > abstained, and nothing outranks its equal', () => {
  const ranked = [authenticated(1), unavailable('timeout'), rejected('forbidden'), abstained('no-match')];
  for (const [index, higher] of ranked.entries()) {
    for (const [other, lower] of ranked.entries()) assert.equal(outranks(higher, lower), index < other);
  }
});
