// What the program drags along: little, pinned, and nothing that runs code when it is installed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from './markdown.ts';

const MAX_DIRECT = 14;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { packages }: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
);
const locked = Object.entries(packages).filter(([path]) => path !== '');
const atRunTime = locked.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);

void describe('dependencies', () => {
  void test(`at run time are at most ${MAX_DIRECT}`, () => {
    assert.ok(Object.keys(manifest.dependencies).length <= MAX_DIRECT, Object.keys(manifest.dependencies).join());
  });

  void test('are pinned to one version each', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const loose = all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
    assert.deepEqual(loose, []);
  });

  void test('at run time have no install script, so none builds native code', () => {
    const scripted = atRunTime.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    assert.deepEqual(
      scripted.map(([path]) => path),
      [],
      'take another package',
    );
  });

  void test('that may run a script when they are installed are tools', () => {
    const tools = Object.keys(manifest.allowScripts ?? {});
    assert.deepEqual(
      tools.filter((name) => !(name in manifest.devDependencies)),
      [],
    );
  });

  void test('are locked for every platform, so that `npm ci` works on all of them', () => {
    const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.entries(optionalDependencies)
        .filter(([name, range]) => lockedFor(path, name)?.version !== range)
        .map(([name]) => `${path}: ${name}`),
    );
    assert.deepEqual(missing, [], 'remove package-lock.json and node_modules, then run npm install');
  });

  void test('are locked by checksum, and by no registry', () => {
    const unlocked = locked.filter(([, { integrity, link }]) => integrity === undefined && link !== true);
    const bound = locked.filter(([, { resolved }]) => resolved !== undefined);
    assert.deepEqual(
      [...unlocked, ...bound].map(([path]) => path),
      [],
      'run npm install with the .npmrc of the project',
    );
  });
});

/** What `path` loads under `name`: the package in its own folder, else the one in a folder above. */
function lockedFor(path: string, name: string): Locked | undefined {
  const found = packages[`${path}/node_modules/${name}`.replace(/^\//, '')];
  if (found !== undefined || path === '') return found;
  return lockedFor(path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1)), name);
}
