// Failure counts: a sliding window in constant memory that others can neither empty nor grow.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type FailureCounts, failureCounts } from '../../src/authn/failure-counts.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';

const WINDOW_MS = 300_000;
const keyOf = (name: string): string => createHash('sha256').update(name).digest('base64url');
const ALICE = keyOf('alice');

function countsOf(windowMs = WINDOW_MS): { counts: FailureCounts; clock: FakeClock } {
  const clock = fakeClock();
  return { counts: failureCounts(windowMs, clock.monotonicMs), clock };
}

void describe('the window', () => {
  void test('a failure counts for all of it, and at most a tenth longer', () => {
    for (const offsetMs of [0, 1, 14_999, 29_999, 30_000]) {
      const { counts, clock } = countsOf();
      clock.step(offsetMs);
      counts.add(ALICE);
      clock.step(WINDOW_MS - 1);
      assert.equal(counts.count(ALICE), 1, `made ${offsetMs} ms into a slice`);
      clock.step(WINDOW_MS / 10 + 1);
      assert.equal(counts.count(ALICE), 0, `made ${offsetMs} ms into a slice`);
    }
  });
  void test('slides: each failure leaves by itself', () => {
    const { counts, clock } = countsOf();
    for (let failure = 0; failure < 5; failure++) {
      counts.add(ALICE);
      clock.step(60_000);
    }
    assert.equal(counts.count(ALICE), 5);
    clock.step(WINDOW_MS / 10);
    assert.equal(counts.count(ALICE), 4);
    clock.step(60_000);
    assert.equal(counts.count(ALICE), 3);
  });
  void test('is empty after a long silence', () => {
    const { counts, clock } = countsOf();
    counts.add(ALICE);
    clock.step(1000 * WINDOW_MS);
    assert.equal(counts.count(ALICE), 0);
    counts.add(ALICE);
    assert.equal(counts.count(ALICE), 1);
  });
});

void describe('taking back and forgetting', () => {
  void test('one failure taken back is one less', () => {
    const { counts } = countsOf();
    const undo = counts.add(ALICE);
    counts.add(ALICE);
    undo();
    assert.equal(counts.count(ALICE), 1);
  });
  void test('taking back what has left the window already takes nothing else', () => {
    const { counts, clock } = countsOf(1000);
    const undo = counts.add(ALICE);
    for (let slices = 0; slices < 40; slices++) {
      clock.step(100);
      counts.add(ALICE);
    }
    const before = counts.count(ALICE);
    undo();
    assert.equal(counts.count(ALICE), before);
  });
  void test('clear forgets one key over the whole window', () => {
    const { counts, clock } = countsOf();
    for (let failure = 0; failure < 5; failure++) {
      counts.add(ALICE);
      clock.step(40_000);
    }
    counts.add(keyOf('bob'));
    assert.equal(counts.count(ALICE), 5);
    counts.clear(ALICE);
    assert.deepEqual([counts.count(ALICE), counts.count(keyOf('bob'))], [0, 1]);
  });
});

void describe('100,000 other names', () => {
  void test('evict no counter, add no memory, and block hardly anybody', () => {
    const { counts } = countsOf();
    for (let failure = 0; failure < 5; failure++) counts.add(ALICE);
    const before = process.memoryUsage();
    // A name and an account, as a wrong password is counted.
    for (let name = 0; name < 200_000; name++) counts.add(keyOf(`name ${name}`));
    const after = process.memoryUsage();
    assert.equal(counts.count(ALICE) >= 5, true);
    assert.equal(after.arrayBuffers - before.arrayBuffers < 1 << 20, true);
    // Half of the default budget is what one password may use up.
    const blocked = Array.from({ length: 10_000 }, (_, index) => counts.count(keyOf(`other ${index}`)) >= 3);
    assert.equal(blocked.filter(Boolean).length <= 10, true);
  });
  void test('a clear of 500 names takes nothing from 500 others', () => {
    const { counts } = countsOf();
    for (let name = 0; name < 1000; name++) counts.add(keyOf(`name ${name}`));
    for (let name = 0; name < 500; name++) counts.clear(keyOf(`name ${name}`));
    const missing = Array.from({ length: 500 }, (_, index) => counts.count(keyOf(`name ${500 + index}`)) < 1);
    assert.equal(missing.filter(Boolean).length, 0);
  });
});
