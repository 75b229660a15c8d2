// Changes a file that several processes share: one at a time, and never half.

import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorWord } from '../text/error-code.ts';

const RETRY_MS = 20;
/** Longer than any change takes; whoever holds the lock for longer has died. */
const STALE_MS = 10_000;
const PATIENCE_MS = 15_000;

/**
 * Runs `change` while no other process runs one on this path, by a lock file beside it. Rejects with the node error of the
 * file system, or `EBUSY` when the lock does not come free.
 */
export async function whileLocked<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await acquire(lock, performance.now() + PATIENCE_MS);
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string, untilMs: number): Promise<void> {
  if (await created(lock)) return;
  if (performance.now() > untilMs) throw Object.assign(new Error('the lock is held'), { code: 'EBUSY' });
  if (await isStale(lock)) await rm(lock, { force: true });
  else await pause(RETRY_MS);
  await acquire(lock, untilMs);
}

async function created(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx', 0o600);
    await handle.close();
    return true;
  } catch (error) {
    if (errorWord(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

/** Written beside the file, flushed, and renamed over it: readers see the old text or the new one, also after a crash. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.${process.pid}.new`;
  try {
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await keepOwner(handle, path);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** An administrator who writes as root must not lock the broker out of its own file. */
async function keepOwner(handle: FileHandle, path: string): Promise<void> {
  try {
    const { uid, gid } = await stat(path).catch(() => stat(dirname(path)));
    await handle.chown(uid, gid);
  } catch {
    // Only root may give a file away, and the owner needs not.
  }
}

/** Without it the rename itself may be lost in a power failure; some file systems cannot. */
async function flushFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The file is complete either way.
  }
}
