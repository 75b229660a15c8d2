// Leaves an upstream alone for a moment after it failed repeatedly, so that nobody waits for its time-outs.

import type { Clock } from '../core/seams.ts';

export type CircuitState = 'closed' | 'half-open' | 'open';

export interface Circuit {
  /** False: answer `circuit-open` without asking. True while half-open makes the caller the single probe. */
  allow(): boolean;
  /** Tells how an allowed call ended; `undefined` when it says nothing about the transport (it was aborted early). */
  report(outcome: 'answered' | 'failed' | undefined): void;
  state(): CircuitState;
}

export interface CircuitSettings {
  /** Consecutive transport failures that open it. */
  readonly failures: number;
  /** How long it stays open before one call may probe; short, so that recovery is noticed within seconds. */
  readonly openMs: number;
}

/** Opens on consecutive transport failures only: a refusal is an answer, and closes it. */
export function circuit(
  settings: CircuitSettings,
  clock: Pick<Clock, 'monotonicMs'>,
  changed: (state: CircuitState) => void,
): Circuit {
  let state: CircuitState = 'closed';
  let failures = 0;
  let probeAtMs = 0;
  const become = (next: CircuitState): void => {
    if (next === state) return;
    state = next;
    changed(next);
  };
  const open = (): void => {
    probeAtMs = clock.monotonicMs() + settings.openMs;
    become('open');
  };
  return {
    state: () => state,
    allow: () => {
      if (state === 'closed') return true;
      if (state === 'half-open' || clock.monotonicMs() < probeAtMs) return false;
      become('half-open');
      return true;
    },
    report: (outcome) => {
      if (outcome === 'answered') {
        failures = 0;
        become('closed');
        return;
      }
      if (outcome === 'failed') failures += 1;
      if (state === 'half-open' || failures >= settings.failures) open();
    },
  };
}
