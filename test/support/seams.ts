// The seams of a provider under test: real time and randomness, a log that nobody reads.

import { randomBytes } from 'node:crypto';
import { seldomLog } from '../../src/authn/seldom.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import { systemClock } from '../../src/core/seams.ts';
import { patient } from './patience.ts';

export function testSeams(change: Partial<ProviderSeams> = {}): ProviderSeams {
  const { clock = systemClock, log = () => undefined } = change;
  return {
    clock,
    log,
    seldom: seldomLog(log, clock).log,
    randomBytes,
    name: 'under-test',
    timeoutMs: patient(2500),
    ...change,
  };
}

/** A clock that stands still until it is told to go on. */
export function steppingClock(): ProviderSeams['clock'] & { step(ms: number): void } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    step: (ms) => {
      nowMs += ms;
    },
  };
}
