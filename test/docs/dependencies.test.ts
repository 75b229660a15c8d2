// What the program drags along: little, pinned, and nothing that runs code when it is installed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Import, programImports } from './imports.ts';
import { ROOT } from './markdown.ts';

const MAX_DIRECT = 14;

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly version?: string;
  readonly hasInstallScript?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { packages }: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
);
const locked = Object.entries(packages).filter(([path]) => path !== '');
/** Bundled into the program, so all of them are development dependencies; what they import themselves is not counted. */
const direct = [
  ...new Set(
    programImports()
      .filter(isLibrary)
      .map(({ to }) => packageOf(to)),
  ),
];

void describe('dependencies', () => {
  void test(`at run time are at most ${MAX_DIRECT}`, () => {
    assert.ok(direct.length > 0 && direct.length <= MAX_DIRECT, direct.join());
  });

  void test('are bundled, so that who installs the package installs nothing else', () => {
    assert.deepEqual(manifest.dependencies, {});
    assert.deepEqual(
      direct.filter((name) => !(name in manifest.devDependencies)),
      [],
    );
  });

  void test('are pinned to one version each', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const loose = all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
    assert.deepEqual(loose, []);
  });

  void test('at run time have no install script, so none builds native code', () => {
    const all = closureOf(direct);
    assert.ok(all.size > direct.length);
    assert.deepEqual(
      [...all].filter((path) => packages[path]?.hasInstallScript === true),
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

function isLibrary({ isOwn, isTypeOnly, to }: Import): boolean {
  return !isOwn && !isTypeOnly && !to.startsWith('node:');
}

/** `@scope/name` of `@scope/name/file.js`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** These packages and all that they load, as paths of the lockfile. */
function closureOf(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (from: string, name: string): void => {
    const path = pathFor(from, name);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {};
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(path, next);
  };
  for (const name of names) visit('', name);
  return found;
}

/** Where `from` finds `name`: in its own folder, else in one above. */
function pathFor(from: string, name: string): string | undefined {
  const path = `${from}/node_modules/${name}`.replace(/^\//, '');
  if (path in packages || from === '') return path in packages ? path : undefined;
  return pathFor(from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
}

function lockedFor(from: string, name: string): Locked | undefined {
  return packages[pathFor(from, name) ?? ''];
}
