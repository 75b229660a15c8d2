// Lines that repeat with every review are written now and then, with the number of those that were left out.

import type { Clock, Log, LogFields, LogLevel } from '../core/seams.ts';

/** One line of a kind in this time. */
const LINE_EVERY_MS = 10_000;

export type SeldomLog = (kind: string, level: LogLevel, message: string, fields: LogFields) => void;

/** `kind` is from a closed set; `suppressed` is the number of lines of this kind since the last one that was written. */
export function seldomLog(log: Log, clock: Pick<Clock, 'monotonicMs'>): SeldomLog {
  const last = new Map<string, { readonly atMs: number; suppressed: number }>();
  return (kind, level, message, fields) => {
    const nowMs = clock.monotonicMs();
    const line = last.get(kind);
    if (line !== undefined && nowMs - line.atMs < LINE_EVERY_MS) {
      line.suppressed += 1;
      return;
    }
    last.set(kind, { atMs: nowMs, suppressed: 0 });
    log(level, message, {
      ...fields,
      ...(line !== undefined && line.suppressed > 0 && { suppressed: line.suppressed }),
    });
  };
}
