// Notices that a file of the configuration changed, the way editors and Kubernetes mounts change files.

import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, realpathSync, watch } from 'node:fs';
import { dirname } from 'node:path';

export interface Watcher {
  /** Watches these files from now on, as they are now. */
  follow(paths: readonly string[]): void;
  close(): void;
}

/** Several files are swapped one after the other; wait until that is over. */
const SETTLE_MS = 250;
/** A watch can miss a change (network file systems, a folder replaced as a whole): look anyway. */
const POLL_MS = 10_000;

/**
 * Calls `changed` once for each change of content. Kubernetes swaps the `..data` link beside a mounted file, of which a
 * watch on the file itself hears nothing, so folders are watched and contents compared.
 */
export function watchFiles(changed: () => void): Watcher {
  let paths: readonly string[] = [];
  let digests: ReadonlyMap<string, string> = new Map();
  let isTelling = false;
  let watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = digestsOf(paths);
    if (paths.every((path) => now.get(path) === digests.get(path))) return;
    digests = now;
    isTelling = true;
    changed();
    isTelling = false;
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  };
  const poll = setInterval(look, POLL_MS).unref();
  const stop = (): void => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    watchers = [];
  };
  return {
    follow: (next) => {
      stop();
      paths = next;
      // What is loaded because of a change was seen before: so a change during the load is a change, too.
      digests = new Map([...digestsOf(paths), ...(isTelling ? digests : [])]);
      watchers = [...folders(paths)].flatMap((folder) => watchFolder(folder, soon));
      if (isTelling) soon();
    },
    close: () => {
      clearInterval(poll);
      stop();
    },
  };
}

function watchFolder(folder: string, event: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, event);
    // The folder itself may go; polling goes on.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

/** The folders of the files and of what they link to. */
function folders(paths: readonly string[]): Set<string> {
  return new Set(paths.flatMap((path) => [dirname(path), dirname(resolved(path))]));
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function digestsOf(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, createHash('sha256').update(contentOf(path)).digest('base64')]));
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.from('unreadable');
  }
}
