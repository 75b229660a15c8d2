// The libraries that a bundle holds, and the notices that their licenses want to travel with them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Library {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license: string;
  /** The text of its license file, or of the one in licenses/ for a package that ships none; empty when there is neither. */
  readonly text: string;
}

/** Sorted by name and version. `inputs` are the bundler's, relative to `root`. */
export function librariesOf(inputs: readonly string[], root: string): readonly Library[] {
  const folders = new Set(inputs.flatMap((path) => packageFolder(path) ?? []));
  return [...folders].map((folder) => libraryIn(join(root, folder))).toSorted((a, b) => compare(key(a), key(b)));
}

/** One text for all of them; a license that several share is not merged, since it names its holders. */
export function noticesOf(libraries: readonly Library[]): string {
  const parts = libraries.map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text.trim()}\n`,
  );
  return `kube-auth-broker holds these libraries.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** `node_modules/a/node_modules/@b/c` of a file in it; undefined for a file of our own. */
function packageFolder(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
}

function libraryIn(folder: string): Library {
  const { name, version, license }: Omit<Library, 'text'> = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry));
  const own = join(import.meta.dirname, 'licenses', `${name.replaceAll(/[@/]+/g, '-').replace(/^-/, '')}.txt`);
  const path = file ? join(folder, file) : own;
  return { name, version, license, text: existsSync(path) ? readFileSync(path, 'utf8') : '' };
}

function key({ name, version }: Library): string {
  return `${name}@${version}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
