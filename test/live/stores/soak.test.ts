// A short share of `npm run soak -- --brokers 3`: every fault of the store once, and nothing that must hold is violated.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHARED_FAULTS } from '../../soak/shared-faults.ts';
import { sharedSoak } from '../../soak/shared-run.ts';
import { sharedWorldMissing } from '../../soak/shared-world.ts';

const SEED = 13;
const EVERY_S = 8;

void test('three brokers with one store, which breaks in every way', { skip: sharedWorldMissing() }, async (t) => {
  const say = (line: string): void => t.diagnostic(line);
  const minutes = (SHARED_FAULTS.length * EVERY_S) / 60;
  const { invariants, faults } = await sharedSoak({ minutes, rate: 30, seed: SEED, brokers: 3, everyS: EVERY_S, say });
  assert.deepEqual(invariants.violations(), []);
  assert.ok(faults.length > SHARED_FAULTS.length / 2, faults.join());
  const { 'good authenticated': good = 0, 'bad rejected': bad = 0 } = invariants.counts();
  assert.ok(good > 100 && bad > 20, JSON.stringify(invariants.counts()));
});
