// Who holds a lock: the mark that a process leaves in it, and whether the process behind a mark still runs.

import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from '../text/error-code.ts';
import { parseJsonObject } from '../text/json.ts';

/** The computer and process that take a lock. */
export interface Host {
  readonly hostname: string;
  readonly pid: number;
  readonly pause: (durationMs: number) => Promise<void>;
}

/** `unseen`: it runs, or ran, where this process cannot look: on another computer, in another container, or without a name. */
export type Life = 'running' | 'dead' | 'unseen';

/** The mark of this process in one lock; `nonce` is of that lock alone. */
export function markOf({ hostname: name, pid }: Host, nonce: string): string {
  return JSON.stringify({ place: placeOf(name), pid, start: statusOf(pid)?.start, nonce });
}

/** Of the process that left `mark`. A process id that another process has by now is told by when that one started. */
export function lifeOf(mark: string, { hostname: name }: Pick<Host, 'hostname'>): Life {
  const { place, pid, start } = parseJsonObject(mark) ?? {};
  if (place !== placeOf(name) || typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return 'unseen';
  if (!exists(pid)) return 'dead';
  const status = statusOf(pid);
  if (status === undefined) return 'running';
  return status.hasEnded || (start !== undefined && status.start !== start) ? 'dead' : 'running';
}

/** Short and fit for a file name; another one for every mark. */
export function digestOf(mark: string): string {
  return createHash('sha256').update(mark).digest('hex').slice(0, 24);
}

/** Process ids mean something within one PID namespace of one computer: two containers may share a host name. */
function placeOf(name: string): string {
  try {
    return `${name} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return name;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** State and start of a process as Linux shows them (proc_pid_stat(5)); undefined where they cannot be seen. */
function statusOf(pid: number): { readonly hasEnded: boolean; readonly start: string | undefined } | undefined {
  try {
    // The name of the program, in brackets, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s/s, '')
      .split(' ');
    return { hasEnded: fields[0] === 'Z' || fields[0] === 'X', start: fields[19] };
  } catch {
    return undefined;
  }
}

export function thisHost(): Host {
  return {
    hostname: hostname(),
    pid: process.pid,
    pause: async (durationMs) => {
      await pause(durationMs);
    },
  };
}
