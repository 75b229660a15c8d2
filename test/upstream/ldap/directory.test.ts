// Which server is asked first, as servers fail and come back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHealth, RECOVERY_TRIAL_MS } from '../../../src/upstream/ldap/directory.ts';

function setUp() {
  let nowMs = 1000;
  const clock = { now: () => 0, monotonicMs: () => nowMs };
  const health = createHealth(['a', 'b', 'c'], clock);
  return { health, pass: (ms: number) => void (nowMs += ms) };
}

void test('servers that work keep the order of the configuration', () => {
  const { health } = setUp();
  health.succeeded('c');
  assert.deepEqual(health.order(), ['a', 'b', 'c']);
});

void test('a server that failed is asked last until it has recovered', () => {
  const { health } = setUp();
  health.failed('a');
  assert.deepEqual(health.order(), ['b', 'c', 'a']);
  health.succeeded('a');
  assert.deepEqual(health.order(), ['a', 'b', 'c']);
});

void test('of those that failed, the one that failed longest ago is asked first', () => {
  const { health, pass } = setUp();
  for (const server of ['b', 'a', 'c']) {
    health.failed(server);
    pass(1);
  }
  assert.deepEqual(health.order(), ['b', 'a', 'c']);
});

void test('a failed server is due for a trial after a while, and then not again for as long', () => {
  const { health, pass } = setUp();
  health.failed('a');
  assert.equal(health.dueForTrial(), undefined);
  pass(RECOVERY_TRIAL_MS);
  assert.equal(health.dueForTrial(), 'a');
  assert.equal(health.dueForTrial(), undefined);
});

void test('when all have failed no trial is needed: reviews try them', () => {
  const { health, pass } = setUp();
  for (const server of ['a', 'b', 'c']) health.failed(server);
  pass(RECOVERY_TRIAL_MS);
  assert.equal(health.dueForTrial(), undefined);
});
