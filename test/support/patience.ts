// How long a test waits before it says that something did not happen: longer where the machine is busy or slow.

import { createHash } from 'node:crypto';

/** The measured factor, for the processes that the test command starts. */
export const SLOWNESS_VARIABLE = 'KUBE_AUTH_BROKER_TEST_SLOWNESS';

/** What the work below takes on an idle machine of 2020. */
const USUAL_MS = 30;
const BLOCKS = 48;

/** Load comes and goes while the tests run, so a busy machine is taken for a busier one. */
const MARGIN = 2;

/** At least 1: how many times longer than on an idle machine everything may take. */
export const SLOWNESS = Number(process.env[SLOWNESS_VARIABLE] ?? measured());

/** A time limit that a busy machine may exceed without being at fault. */
export function patient(limitMs: number): number {
  return Math.round(limitMs * SLOWNESS);
}

/** Aborts as `AbortSignal.timeout` does, where the limit keeps a test from waiting for ever and is not what it is about. */
export function deadline(limitMs: number): AbortSignal {
  return AbortSignal.timeout(patient(limitMs));
}

function measured(): number {
  const block = Buffer.alloc(1 << 20);
  const startedMs = performance.now();
  for (let count = 0; count < BLOCKS; count += 1) createHash('sha256').update(block).digest();
  const factor = (performance.now() - startedMs) / USUAL_MS;
  return factor < 2 ? 1 : Math.ceil(factor * MARGIN);
}
