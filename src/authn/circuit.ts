// Leaves an upstream alone for a moment after it failed repeatedly, so that no review waits for its time-outs.

import type { Clock } from '../core/seams.ts';

export type CircuitState = 'closed' | 'half-open' | 'open';

/** How a call ended; `undefined` when it says nothing about the transport, because it was cut short. */
export type CallEnd = 'answered' | 'failed' | undefined;

/** One call of the upstream, from `begin` to `end`. */
export interface Call {
  readonly beganMs: number;
  end(how: CallEnd): void;
}

export interface Circuit {
  /** False while no call may begin: the answer is `circuit-open`. */
  isPassable(): boolean;
  /** Undefined when no call may begin. The first call after the open time is the single probe. */
  begin(): Call | undefined;
  state(): CircuitState;
}

export interface CircuitSettings {
  /** Transport failures in a row, of calls that began after the last answer, without which it never opens. */
  readonly failures: number;
  /** Calls that ended last; at least half of this many must be known, and at least half of those have failed. */
  readonly recent: number;
  /** How long it stays open before one call may probe; short, so that recovery is noticed within seconds. */
  readonly openMs: number;
}

type Changed = (state: CircuitState) => void;

/**
 * Opens when calls that began after the last answer fail, and are the larger share of the recent ones as well: in a burst the
 * slow calls end last, and would count as failures in a row although the upstream answered all the others meanwhile. A
 * refusal is an answer. What began before it opened may still close it, but cannot end a probe.
 */
export function circuit(settings: CircuitSettings, clock: Pick<Clock, 'monotonicMs'>, changed: Changed): Circuit {
  let state: CircuitState = 'closed';
  let tally = newTally(settings);
  let answeredMs = Number.NEGATIVE_INFINITY;
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
  const close = (): void => {
    answeredMs = clock.monotonicMs();
    if (state !== 'closed') tally = newTally(settings);
    tally.answered();
    become('closed');
  };
  const isPassable = (): boolean => state === 'closed' || (state === 'open' && clock.monotonicMs() >= probeAtMs);
  return {
    state: () => state,
    isPassable,
    begin: () => {
      if (!isPassable()) return undefined;
      const isProbe = state === 'open';
      if (isProbe) become('half-open');
      const beganMs = clock.monotonicMs();
      const end = (how: CallEnd): void => {
        if (how === 'answered') return close();
        if (isProbe) return state === 'half-open' ? open() : undefined;
        if (how === 'failed' && state === 'closed' && tally.failed(beganMs >= answeredMs)) open();
      };
      return { beganMs, end };
    },
  };
}

interface Tally {
  answered(): void;
  /** True when this failure is one too many; `isNew`: its call began after the last answer. */
  failed(isNew: boolean): boolean;
}

function newTally({ failures, recent }: CircuitSettings): Tally {
  const ends: boolean[] = [];
  let inARow = 0;
  const note = (hasFailed: boolean): void => {
    ends.push(hasFailed);
    if (ends.length > recent) ends.shift();
  };
  return {
    answered: () => {
      inARow = 0;
      note(false);
    },
    failed: (isNew) => {
      if (isNew) inARow += 1;
      note(true);
      const share = ends.filter(Boolean).length / ends.length;
      return inARow >= failures && ends.length >= recent / 2 && share >= 0.5;
    },
  };
}
