// How long a token may be asked to live.

import { formatDuration, parseDuration } from '../text/duration.ts';

export interface Lifetimes {
  readonly defaultMs: number;
  readonly maxMs: number;
}

/** Milliseconds, or one sentence why not. */
export type Lifetime = { readonly ms: number } | { readonly fault: string };

const HOUR_MS = 3_600_000;
/** One second is the smallest step in which a token can end. */
const MIN_MS = 1000;
const OFFERED_MS = [1, 4, 8, 12, 24, 72, 168].map((hours) => hours * HOUR_MS);

/** A Go-style duration such as `8h`, more than zero and not beyond the longest. */
export function parseLifetime(text: unknown, { maxMs }: Lifetimes): Lifetime {
  const ms = typeof text === 'string' ? parseDuration(text) : undefined;
  if (ms === undefined) return { fault: 'lifetime must be a duration such as 30m, 8h or 1h30m' };
  if (ms < MIN_MS) return { fault: 'lifetime must be at least 1s' };
  return ms > maxMs ? { fault: `lifetime must be at most ${formatDuration(maxMs)}` } : { ms };
}

/** What the page offers: round numbers up to the longest, the default among them. */
export function offeredLifetimes({ defaultMs, maxMs }: Lifetimes): readonly number[] {
  const offered = new Set([...OFFERED_MS.filter((ms) => ms < maxMs), defaultMs, maxMs]);
  return [...offered].toSorted((a, b) => a - b);
}

/** `8 hours`, `1 day`, `30 minutes`. */
export function lifetimeWords(ms: number): string {
  const units = [
    ['day', 24 * HOUR_MS],
    ['hour', HOUR_MS],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const unit = units.find(([, size]) => ms % size === 0);
  if (unit === undefined) return formatDuration(ms);
  const [name, size] = unit;
  return `${ms / size} ${name}${ms === size ? '' : 's'}`;
}
