// Warns of files that other users of the machine may change, and of secrets that they may read.

import type { FileMode } from '../files/access.ts';

/**
 * Of a secret only when it is this process's own: one that Kubernetes mounts belongs to root, and its bits are what lets the
 * broker read it at all.
 */
export function modeWarnings(
  files: Iterable<string>,
  secrets: ReadonlySet<string>,
  modeOf: (path: string) => FileMode | undefined,
): readonly string[] {
  return [...files].flatMap((path) => {
    const { bits = 0, isOwn = false } = modeOf(path) ?? {};
    const mode = `mode 0${bits.toString(8).padStart(3, '0')}`;
    if ((bits & 0o002) !== 0)
      return [`${path} can be changed by every user of this machine (${mode}); run chmod o-w on it`];
    if ((bits & 0o004) !== 0 && isOwn && secrets.has(path))
      return [`${path} holds a secret that every user of this machine can read (${mode}); run chmod 600 on it`];
    return [];
  });
}
