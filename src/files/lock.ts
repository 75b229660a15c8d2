// One process at a time, across processes and computers: a lock file that a dead or silent holder loses.

import { constants } from 'node:fs';
import { link, open, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { errorCode } from '../text/error-code.ts';
import { digestOf, type Host, lifeOf, markOf } from './holder.ts';

export interface LockSeams {
  readonly host: Host;
  /** Of this call alone; part of file names. */
  readonly nonce: string;
  /** How long to wait for those who hold it before. */
  readonly patienceMs: number;
}

const LOOK_EVERY_MS = 25;
const BEAT_MS = 500;
/** Looks at a lock that does not change: five beats of a holder that cannot be seen, thirty of one that runs but was stopped. */
const SILENT_LOOKS = { unseen: 100, running: 600 } as const;

/**
 * Runs `work` while no other process holds `path`, and gives what it resolves to; undefined, and nothing was run, when others
 * held it for all of `patienceMs`. `isHeld` is false once the lock was lost, as happens to a process that was stopped for long: `work` asks
 * before it changes anything. Rejects as `work` does, and with node's error when no lock can be written.
 */
export async function withLock<T>(
  path: string,
  { host, nonce, patienceMs }: LockSeams,
  work: (isHeld: () => Promise<boolean>) => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const attempt: Attempt = { host, mark: markOf(host, nonce), nonce, looks: new Map() };
  const end = performance.now() + patienceMs;
  // oxlint-disable-next-line no-await-in-loop -- it waits for other processes
  while (!(await taken(path, attempt))) {
    if (performance.now() > end) return undefined;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await host.pause(LOOK_EVERY_MS);
  }
  const isHeld = async (): Promise<boolean> => (await lookAt(path))?.mark === attempt.mark;
  const beat = setInterval(() => void touch(path), BEAT_MS);
  beat.unref();
  try {
    return { value: await work(isHeld) };
  } finally {
    clearInterval(beat);
    if (await isHeld()) await rm(path, { force: true });
  }
}

interface Attempt {
  readonly host: Host;
  readonly mark: string;
  readonly nonce: string;
  /** How often each lock file was seen unchanged. */
  readonly looks: Map<string, { readonly seen: Look; readonly count: number }>;
}

/** What one look at a lock file shows. */
interface Look {
  /** What its holder wrote. */
  readonly mark: string;
  /** Which file it is, and when its holder last touched it. */
  readonly stamp: string;
}

/**
 * Makes `path` this process's own when it is free, or when its holder is gone. Two that find the same holder gone must not
 * both take its lock, nor one of them the new lock of the other: each dead lock may be replaced only by the process that
 * holds the lock of its name, and renaming that one over it frees the one and takes the other in a single step.
 */
async function taken(path: string, attempt: Attempt): Promise<boolean> {
  const look = await lookAt(path);
  if (look === undefined) return created(path, attempt);
  if (!isGone(path, look, attempt)) return false;
  const right = `${path}.${digestOf(look.mark)}`;
  if (!(await taken(right, attempt))) return false;
  const now = await lookAt(path);
  if (now?.stamp === look.stamp) {
    await rename(right, path);
    return true;
  }
  await rm(right, { force: true });
  return false;
}

function isGone(path: string, look: Look, { host, looks }: Attempt): boolean {
  const life = lifeOf(look.mark, host);
  if (life === 'dead') return true;
  const before = looks.get(path);
  const count = before?.seen.stamp === look.stamp ? before.count + 1 : 0;
  looks.set(path, { seen: look, count });
  return count >= SILENT_LOOKS[life];
}

/** A lock is written beside and linked to its name, so that it has its mark from the first moment. */
async function created(path: string, { mark, nonce }: Attempt): Promise<boolean> {
  const beside = `${path}.${nonce}`;
  const options = { flag: 'wx', mode: 0o600 } as const;
  try {
    await writeFile(beside, mark, options);
    await link(beside, path).catch((error: unknown) => {
      if (!HAS_NO_LINKS.has(errorCode(error))) throw error;
      return writeFile(path, mark, options);
    });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
}

/** What file systems without hard links answer. */
const HAS_NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Opened, not only looked up: a network file system asks its server then, whatever it remembers. */
async function lookAt(path: string): Promise<Look | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { ino, mtimeNs } = await file.stat({ bigint: true });
      const mark = await file.readFile('utf8');
      return { mark, stamp: `${ino} ${mtimeNs} ${mark}` };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // It was taken away from a process that had been stopped for long.
  await utimes(path, now, now).catch(() => undefined);
}
