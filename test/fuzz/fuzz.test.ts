// A short run of the fuzzer with every test run; `node test/fuzz/main.ts` runs it for as long as wanted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patient } from '../support/patience.ts';
import { fuzz } from './run.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);

void test('thousands of broken requests, tokens, mappings and configurations break no promise', async (t) => {
  const { inputs, tally, findings } = await fuzz({ seed: SEED, inputs: 6000, withinMs: patient(6000) });
  t.diagnostic(`seed ${SEED}, ${inputs} inputs: ${[...tally].map(([name, count]) => `${name} ${count}`).join(', ')}`);
  assert.deepEqual(findings, []);
  assert.ok(inputs > 200, `${inputs} inputs only`);
});
