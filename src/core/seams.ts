// Everything a module may take from the outside world, so that a test can hand it another one.

import type { EpochMs } from './verdict.ts';

export interface Clock {
  /** Wall clock, for comparing with `exp`. */
  now(): EpochMs;
  /** Never jumps; for TTLs, deadlines and durations, in milliseconds. */
  monotonicMs(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Takes a fixed sentence and named plain values; errors and objects do not fit, so nothing is printed by accident. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/**
 * For lines that repeat with every review: one of a kind in `everyMs`, ten seconds by default, with the number of those that
 * were left out (`suppressed`). `kind` is from a closed set.
 */
export type SeldomLog = (kind: string, level: LogLevel, message: string, fields: LogFields, everyMs?: number) => void;

export interface Seams {
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (size: number) => Buffer;
}
