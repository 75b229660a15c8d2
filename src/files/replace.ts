// Replaces a file as a whole: readers see the old text or the new one, also after a crash.

import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Written beside the file, flushed, and renamed over it; the file keeps its owner, and nobody else may read it. `nonce` is
 * of this write alone. Rejects with node's own error, and then the file is as it was.
 */
export async function replaceFile(path: string, text: string, nonce: string): Promise<void> {
  const beside = `${path}.${nonce}`;
  try {
    // Exclusive, so that nothing that was put there before is written through.
    const handle = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await handle.writeFile(text);
      await keepOwner(handle, path);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
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
