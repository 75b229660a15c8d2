// Who may read and write a file: what the configuration is warned of, and whether the broker could keep its state.

import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../text/error-code.ts';

export interface FileMode {
  /** The nine permission bits. */
  readonly bits: number;
  /** It belongs to the user of this process, who could change the bits. */
  readonly isOwn: boolean;
}

/** Undefined where it cannot be told: the file is gone, or the system has no such bits. */
export function fileMode(path: string): FileMode | undefined {
  if (process.getuid === undefined) return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { bits: found.mode & 0o777, isOwn: found.uid === process.getuid() };
}

/** Where a file is to be kept: `missing` when its folder is yet to be made, and can be. */
export type StateFolder = 'ready' | 'missing' | { readonly error: unknown };

export function stateFolder(path: string): StateFolder {
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) return { error: Object.assign(new Error('no folder'), { code: 'ENOTDIR' }) };
    accessSync(folder, constants.W_OK | constants.X_OK);
    return 'ready';
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || folder === path) return { error };
    const above = stateFolder(folder);
    return above === 'ready' ? 'missing' : above;
  }
}
