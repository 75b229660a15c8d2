// The import lines of the program, and the layer of each file.

import { posix } from 'node:path';
import { programFiles, type SourceFile } from './source-files.ts';

export interface Import {
  /** The importing file, relative to the project. */
  readonly from: string;
  /** The imported file, relative to the project; the name of a package, or `node:…`. */
  readonly to: string;
  readonly isOwn: boolean;
  /** Nothing of it is there at run time. */
  readonly isTypeOnly: boolean;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/g;

export function programImports(): readonly Import[] {
  return programFiles().flatMap(importsOf);
}

export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const written = [...text.matchAll(IMPORT)].map(([, type, names = '', target = '']) => ({
    target,
    isTypeOnly: type !== undefined || areTypes(names),
  }));
  const loaded = [...text.matchAll(DYNAMIC)].map(([, target = '']) => ({ target, isTypeOnly: false }));
  return [...written, ...loaded].map(({ target, isTypeOnly }) => {
    const isOwn = target.startsWith('.');
    return { from: path, to: isOwn ? posix.join(posix.dirname(path), target) : target, isOwn, isTypeOnly };
  });
}

/** `{ type A, type B }` is erased as a whole; a namespace, a default or one value is not. */
function areTypes(names: string): boolean {
  const braced = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (braced === undefined) return false;
  const items = braced
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return items.length > 0 && items.every((item) => item.startsWith('type '));
}
