// Durations and sizes as people write them in the configuration.

export { DURATION, formatDuration, parseDuration } from '../text/duration.ts';

const UNIT_BYTES: Readonly<Record<string, number>> = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

export const BYTES = /^\d+(?:B|KiB|MiB|GiB)?$/;

/** Bytes of `16KiB`, `1MiB` or a plain number; undefined when it is none. */
export function parseBytes(text: string): number | undefined {
  const parts = /^(\d+)(B|KiB|MiB|GiB)?$/.exec(text);
  return parts === null ? undefined : Number(parts[1]) * (UNIT_BYTES[parts[2] ?? ''] ?? 1);
}
