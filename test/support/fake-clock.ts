// A clock that moves only when a test says so, and a way to let everything that is ready happen.

import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../src/core/seams.ts';
import { inOrder } from './settled.ts';

export interface FakeClock extends Clock {
  readonly monotonicMs: () => number;
  /** Both clocks go on. */
  step(ms: number): void;
  /** Only the wall clock jumps, as when somebody sets it. */
  setWall(atMs: number): void;
}

/** Starts at 1,000 s on the monotonic clock: lru-cache takes an entry made at 0 for one that never ends. */
export function fakeClock(wallMs = Date.UTC(2030, 0, 1)): FakeClock {
  let monotonicMs = 1_000_000;
  let nowMs = wallMs;
  return {
    now: () => nowMs,
    monotonicMs: () => monotonicMs,
    step: (ms) => {
      monotonicMs += ms;
      nowMs += ms;
    },
    setWall: (atMs) => {
      nowMs = atMs;
    },
  };
}

/** Lets every promise that is settled be heard by whoever waits for it; no time passes. */
export async function settled(): Promise<void> {
  await inOrder(Array.from({ length: 5 }), () => turn());
}
