// Standard output for log lines: one write for all lines of a turn of the event loop.

import { writeSync } from 'node:fs';
import type { LogSink } from './log.ts';

/** A sink that holds lines back for a moment. */
export interface BufferedSink extends LogSink {
  /** Writes what is held; never throws. For the end of the process. */
  flush(): void;
}

export interface SinkSeams {
  /** Returns how many bytes were taken, like `writeSync` of node:fs; throws with a `code`. */
  readonly write: (bytes: string | Uint8Array) => number;
  /** Blocks. */
  readonly pause: () => void;
  /** Calls this soon. */
  readonly later: (flush: () => void) => void;
}

/** How much waits at most. */
const HELD_CHARACTERS = 64 * 1024;
const PAUSE_MS = 10;

/**
 * A system call for every line would cost a cached review a third of its time. A reader that is slow is waited for, since an
 * audit log has no holes; one that went away is no reason to stop.
 */
export function standardOutput(): BufferedSink {
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return bufferedSink({
    write: (bytes) => (typeof bytes === 'string' ? writeSync(1, bytes) : writeSync(1, bytes)),
    pause: () => void Atomics.wait(cell, 0, 0, PAUSE_MS),
    // Not longer than this turn: whoever has the answer in hand may look for its line.
    later: (flush) => void setImmediate(flush),
  });
}

export function bufferedSink(seams: SinkSeams): BufferedSink {
  let held = '';
  let isScheduled = false;
  const flush = (): void => {
    const text = held;
    held = '';
    if (text !== '') writeWhole(text, seams);
  };
  const heldLong = (): void => {
    isScheduled = false;
    flush();
  };
  return {
    flush,
    write: (line) => {
      held += line;
      if (held.length > HELD_CHARACTERS) flush();
      if (isScheduled) return;
      isScheduled = true;
      seams.later(heldLong);
    },
  };
}

function writeWhole(text: string, { write, pause }: SinkSeams): void {
  let rest: string | Uint8Array = text;
  while (rest.length > 0) {
    try {
      const taken: number = write(rest);
      if (taken === Buffer.byteLength(rest)) return;
      rest = Buffer.from(rest).subarray(taken);
    } catch (error) {
      if (!isBusy(error)) return;
      pause();
    }
  }
}

/** A pipe that is full, of those that node made non-blocking. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
