// Standard output for log lines: one write for all lines of a turn of the event loop.

import { writeSync } from 'node:fs';
import { errorCode } from '../text/error-code.ts';
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
/** Half a second: a review that waits for the log is still answered in time. */
const MAX_PAUSES = 50;

/**
 * A system call for every line would cost a cached review a third of its time. A reader that is slow is waited for, since an
 * audit log has no holes; one that went away, or reads no more, is no reason to stop. Lines it missed are counted, and a line
 * says how many once it reads again.
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
  const pipe = patientPipe(seams);
  const flush = (): void => {
    const text = held;
    held = '';
    if (text !== '') pipe(text);
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

/** Writes whole texts; waits for a busy reader once, and no more until it has read again. */
function patientPipe(seams: SinkSeams): (text: string) => void {
  let lostLines = 0;
  let isTorn = false;
  return (text) => {
    const notice = lostLines === 0 ? '' : lostNotice(lostLines, isTorn);
    const patience = lostLines === 0 ? MAX_PAUSES : 0;
    const rest = writeWhole(notice + text, patience, seams);
    if (rest.length === 0) {
      lostLines = 0;
      isTorn = false;
      return;
    }
    isTorn ||= rest.length < Buffer.byteLength(notice + text);
    lostLines += text.split('\n').length - 1;
  };
}

/** On a line of its own, even where the one before was cut off. */
function lostNotice(lines: number, isTorn: boolean): string {
  const time = new Date().toISOString();
  return `${isTorn ? '\n' : ''}${JSON.stringify({ level: 'warn', time, lines, msg: 'log lines lost' })}\n`;
}

/** What the reader did not take; empty also when it went away. */
function writeWhole(text: string, patience: number, { write, pause }: SinkSeams): Uint8Array {
  let rest: string | Uint8Array = text;
  let pauses = 0;
  while (rest.length > 0) {
    try {
      const taken: number = write(rest);
      if (taken === Buffer.byteLength(rest)) return NOTHING;
      rest = Buffer.from(rest).subarray(taken);
    } catch (error) {
      if (!isBusy(error)) return NOTHING;
      if (pauses === patience) return Buffer.from(rest);
      pauses += 1;
      pause();
    }
  }
  return NOTHING;
}

const NOTHING = new Uint8Array();

/** A pipe that is full, of those that node made non-blocking. */
function isBusy(error: unknown): boolean {
  return errorCode(error) === 'EAGAIN';
}
