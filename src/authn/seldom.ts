// Lines that repeat with every review are written now and then, with the number of those that were left out.

import type { Clock, Log, LogFields, LogLevel, SeldomLog } from '../core/seams.ts';

/** One line of a kind in this time. */
const LINE_EVERY_MS = 10_000;

export interface SeldomLines {
  readonly log: SeldomLog;
  /** Writes what is held back; later lines are written at once. */
  close(): void;
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** What is known of the lines of one kind. */
interface Kind {
  writtenAtMs: number;
  /** The last one that was not written, and how many were left out before it. */
  held?: Line;
  leftOut: number;
  timer?: NodeJS.Timeout;
}

/**
 * The first line of a kind is written at once, the last one of a burst when its time is over: a line speaks for itself and
 * for `suppressed` others of its kind, so that none is lost. Kinds are from a closed set, told apart by message too.
 */
export function seldomLog(log: Log, clock: Pick<Clock, 'monotonicMs'>): SeldomLines {
  const kinds = new Map<string, Kind>();
  let isClosed = false;
  const write = (kind: Kind, { level, message, fields }: Line, suppressed: number): void => {
    clearTimeout(kind.timer);
    delete kind.timer;
    delete kind.held;
    kind.leftOut = 0;
    kind.writtenAtMs = clock.monotonicMs();
    log(level, message, { ...fields, ...(suppressed > 0 && { suppressed }) });
  };
  const writeHeld = (kind: Kind): void => {
    if (kind.held !== undefined) write(kind, kind.held, kind.leftOut);
  };
  return {
    log: (word, level, message, fields, everyMs = LINE_EVERY_MS) => {
      const name = `${message}: ${word}`;
      const kind = kinds.get(name) ?? { writtenAtMs: -Infinity, leftOut: 0 };
      kinds.set(name, kind);
      const waiting = kind.held === undefined ? 0 : kind.leftOut + 1;
      const dueInMs = kind.writtenAtMs + everyMs - clock.monotonicMs();
      const line = { level, message, fields };
      if (isClosed || dueInMs <= 0) return write(kind, line, waiting);
      kind.held = line;
      kind.leftOut = waiting;
      kind.timer ??= setTimeout(() => writeHeld(kind), dueInMs).unref();
    },
    close: () => {
      isClosed = true;
      for (const kind of kinds.values()) writeHeld(kind);
    },
  };
}
