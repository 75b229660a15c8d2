// One process at a time, across processes: a lock file that a dead or silent holder loses.

import { linkSync, lstatSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { errorCode, errorWord } from '../text/error-code.ts';
import { CacheFault, createPrivate, removeFile } from './private-file.ts';

/** The computer and process that take a lock. */
export interface Host {
  readonly hostname: string;
  readonly pid: number;
  readonly pause: (durationMs: number) => Promise<void>;
}

const BEAT_MS = 2000;
/** A holder that has been silent for longer is gone, or stopped (Ctrl-Z). */
const SILENT_MS = 15_000;
const LOOK_EVERY_MS = 100;
/** Somebody may look for a password first. */
const PATIENCE_MS = 5 * 60_000;

/**
 * Runs `work` while nobody else holds `path`. Undefined, and nothing was run, when others held it for five minutes.
 * `nonce` is of this call alone.
 */
export async function withLock<T>(
  path: string,
  { host, nonce }: { readonly host: Host; readonly nonce: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  const mine = `${host.hostname} ${host.pid} ${nonce}`;
  if (!(await acquired(path, mine, { host, nonce }))) return undefined;
  const beat = setInterval(() => touch(path), BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if (contentOf(path) === mine) removeFile(path);
  }
}

async function acquired(path: string, mine: string, { host, nonce }: { host: Host; nonce: string }): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (!take(path, mine)) {
    const holder = contentOf(path);
    if (holder !== undefined && isGone(path, holder, host)) breakLock(path, holder, nonce);
    else if (performance.now() > end) return false;
    // oxlint-disable-next-line no-await-in-loop -- it waits for another process
    else await host.pause(LOOK_EVERY_MS);
  }
  return true;
}

function take(path: string, mine: string): boolean {
  try {
    createPrivate(path, mine);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw new CacheFault(`cannot write ${path}: ${errorWord(error)}`);
  }
}

/** A process of another computer can only be judged by its silence: a home folder may be shared. */
function isGone(path: string, holder: string, { hostname }: Host): boolean {
  const [where, pid] = holder.split(' ');
  if (where === hostname && !isAlive(Number(pid))) return true;
  const changedAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedAt !== undefined && Date.now() - changedAt > SILENT_MS;
}

/** A process that has not written its id yet counts as alive. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

/** Two may find the same dead holder: who then took away the new lock of the other one puts it back. */
function breakLock(path: string, dead: string, nonce: string): void {
  const aside = `${path}.${nonce}`;
  try {
    renameSync(path, aside);
    if (contentOf(aside) !== dead) linkSync(aside, path);
  } catch {
    // Another one was faster; the next look tells.
  } finally {
    removeFile(aside);
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // It was taken away from a process that had been stopped for long.
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
