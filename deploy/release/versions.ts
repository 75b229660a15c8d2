// Finds every place that names this version, and moves them all to another: `node deploy/release/versions.ts [NEW]`.

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './product.ts';

export interface Place {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  readonly version: string;
}

const FILES = [
  'package.json',
  'README.md',
  'deploy/Dockerfile',
  'deploy/**/*.md',
  'deploy/chart/Chart.yaml',
  'deploy/chart/files/*.yaml',
  'deploy/kubernetes/**/*.yaml',
  'providers/**/*.md',
  '.github/SECURITY.md',
];

const VERSION = String.raw`\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?`;

/** What stands before a version of this program in any of the files. */
const BEFORE = [
  String.raw`^ {2}"version": "`,
  '^ARG VERSION=',
  '^(?:appVersion|version): ',
  String.raw`\bnewTag: `,
  'kube-auth-broker[:@]',
  'kube-auth-broker(?:/|/blob/|/tree/)v',
  String.raw`kube-auth-broker --version `,
  'releases/download/v',
  'refs/tags/v',
  String.raw`\b(?:kube-auth-broker|kubectl-broker)_`,
  '(?<=^|\\s)VERSION=',
];

const PLACES = new RegExp(`(?<=${BEFORE.map((before) => `(?:${before})`).join('|')})${VERSION}`, 'gm');

function files(root: string): readonly string[] {
  return globSync(FILES, { cwd: root }).toSorted();
}

export function places(root: string): readonly Place[] {
  return files(root).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(PLACES)].map(({ 0: version, index }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      version,
    }));
  });
}

/** A sentence for each place that names another version, and for a lockfile of another one. */
export function versionFaults(root: string, wanted: string): readonly string[] {
  const others = places(root).filter(({ version }) => version !== wanted);
  const { version: locked }: { version: string } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return [
    ...others.map(({ file, line, version }) => `${file}:${line}: names ${version}, not ${wanted}`),
    ...(locked === wanted ? [] : [`package-lock.json: is of ${locked}, not ${wanted}; run npm install`]),
  ];
}

/** Everywhere at once; the changelog is for people to write. */
export function setVersion(root: string, version: string): void {
  if (!new RegExp(`^${VERSION}$`).test(version)) throw new Error(`${version} is no version: 1.2.3 or 1.2.3-rc.1`);
  for (const file of files(root)) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replaceAll(PLACES, version);
    if (changed !== text) writeFileSync(path, changed);
  }
  const path = join(root, 'package-lock.json');
  const lock = readFileSync(path, 'utf8');
  let left = 2;
  // The first two are the project's own: at the top, and as the package without a name.
  writeFileSync(
    path,
    lock.replaceAll(/"version": "[^"]+"/g, (found) => (left-- > 0 ? `"version": "${version}"` : found)),
  );
}

if (import.meta.main) {
  const [version] = process.argv.slice(2);
  if (version !== undefined) setVersion(ROOT, version);
  for (const place of places(ROOT)) process.stdout.write(`${place.file}:${place.line}: ${place.version}\n`);
}
