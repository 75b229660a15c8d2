// The project's own text files, as git would see them, for tests about how they are written.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './markdown.ts';

export interface SourceFile {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

const OTHERS = /(?:^|\/)(?:node_modules|dist|coverage|testdata|\.git)(?:\/|$)/;

/** Files by patterns of `fs.glob`, in order of their paths. */
export function filesLike(...patterns: readonly string[]): readonly SourceFile[] {
  const found = globSync([...patterns], { cwd: ROOT, exclude: (path) => OTHERS.test(path) });
  return found.toSorted().map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** The program: what runs. */
export const programFiles = (): readonly SourceFile[] => filesLike('src/**/*.ts', 'providers/**/*.ts');

/** Everything written in TypeScript. */
export const typeScriptFiles = (): readonly SourceFile[] =>
  filesLike('src/**/*.ts', 'providers/**/*.ts', 'test/**/*.ts', 'config/**/*.ts', 'deploy/**/*.ts');

/** Pages for people. */
export const pages = (): readonly SourceFile[] =>
  filesLike('*.md', '.github/**/*.md', 'providers/**/*.md', 'config/**/*.md', 'deploy/**/*.md', 'test/**/*.md');
