// What this program is: the version of package.json, and the commit it was built from.

import { join } from 'node:path';
import pkg from '../package.json' with { type: 'json' };

export const VERSION: string = pkg.version;

const FULL_ID = /^[0-9a-f]{40,64}$/;

/**
 * The commit that the bundler wrote in place of `globalThis.KUBE_AUTH_BROKER_COMMIT` (esbuild's `define`), else the one that
 * is checked out around this file, else `unknown`. `readFile` throws when there is no such file.
 */
export function findCommit(readFile: (path: string) => string): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- esbuild replaces this very expression; a guard would stay unreplaced
  const baked = (globalThis as { readonly KUBE_AUTH_BROKER_COMMIT?: unknown }).KUBE_AUTH_BROKER_COMMIT;
  return typeof baked === 'string' ? baked : checkedOut(join(import.meta.dirname, '..', '.git'), readFile);
}

/** `HEAD` holds the id itself or names a branch, whose id is in a file of its own or in `packed-refs` (gitrepository-layout). */
function checkedOut(folder: string, readFile: (path: string) => string): string {
  const read = (name: string): string => {
    try {
      return readFile(join(folder, name)).trim();
    } catch {
      return '';
    }
  };
  const head = read('HEAD');
  const branch = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (branch === undefined) return FULL_ID.test(head) ? head : 'unknown';
  const packed = read('packed-refs')
    .split('\n')
    .find((line) => line.endsWith(` ${branch}`));
  const id = read(branch) || (packed?.split(' ')[0] ?? '');
  return FULL_ID.test(id) ? id : 'unknown';
}
