// Which tokens are no longer good: a file that this process and others change, looked at with every review.

import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../core/seams.ts';
import { type Unavailable, unavailable } from '../core/verdict.ts';
import { errorWord } from '../text/error-code.ts';
import { replaceFile, whileLocked } from './locked-file.ts';
import {
  formatRevocations,
  indexOf,
  parseRevocations,
  type Revocation,
  type RevocationIndex,
  withRevocation,
} from './revocation-list.ts';

export interface Revocations {
  /**
   * As the file is now, whoever changed it. Never throws; unavailable (`revocations-unreadable`) when it cannot be read, is
   * not what it should be, or has gone although it had entries: a token may have been revoked, and nobody can tell.
   */
  current(): Promise<RevocationIndex | Unavailable>;
  /** Resolves once it is on disk; unavailable (`revocations-unwritable`) when it is not. Never throws. */
  add(entry: Revocation): Promise<Unavailable | undefined>;
}

interface Known {
  /** Changes with every replacement of the file. */
  readonly stamp: string;
  readonly entries: readonly Revocation[];
  readonly index: RevocationIndex;
}

const NONE: Known = { stamp: '', entries: [], index: indexOf([]) };

/** Costs one `stat` per look while the file does not change. Opens nothing by itself. */
export function revocations(path: string, clock: Pick<Clock, 'now'>): Revocations {
  let known = NONE;
  const load = async (): Promise<Known | Unavailable> => {
    try {
      const stamp = await stampOf(path);
      if (stamp === known.stamp) return known;
      const parsed = parseRevocations(await readFile(path, 'utf8'));
      if ('fault' in parsed) return unreadable(path, parsed.fault);
      known = { stamp, entries: parsed.entries, index: indexOf(parsed.entries) };
      return known;
    } catch (error) {
      if (errorWord(error) !== 'ENOENT') return unreadable(path, `cannot be read: ${errorWord(error)}`, error);
      return known.entries.length === 0 ? NONE : unreadable(path, 'has gone', error);
    }
  };
  return {
    current: async () => {
      const now = await load();
      return 'kind' in now ? now : now.index;
    },
    add: async (entry) => {
      try {
        return await whileLocked(path, async () => {
          const now = await load();
          if ('kind' in now) return now;
          await replaceFile(path, formatRevocations(withRevocation(now.entries, entry, clock.now())));
          const written = await load();
          return 'kind' in written ? written : undefined;
        });
      } catch (error) {
        return unavailable('revocations-unwritable', `${path} cannot be written: ${errorWord(error)}`, error);
      }
    },
  };
}

/** A file that was renamed over it is another inode; one that was written in place has another time. */
async function stampOf(path: string): Promise<string> {
  const { ino, mtimeNs, ctimeNs, size } = await stat(path, { bigint: true });
  return [ino, mtimeNs, ctimeNs, size].join('/');
}

function unreadable(path: string, fault: string, cause?: unknown): Unavailable {
  return unavailable('revocations-unreadable', `${path} ${fault}`, cause);
}
