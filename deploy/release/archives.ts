// Packs the single executables for download, bit for bit the same for the same files: dist/release/<program>_<version>_<os>_<arch>.tar.gz.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { NOTICES } from '../bundle.ts';
import { NODE_NOTICES } from './executables.ts';
import { archiveOf, fileOf, PLATFORMS, type Platform } from './platforms.ts';
import { type Program, ROOT, VERSION } from './product.ts';

const run = promisify(execFile);

export interface Archive {
  readonly program: Program;
  readonly platform: Platform;
  readonly file: string;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
  /** Of the executable in it. */
  readonly executableSha256: string;
}

export interface ArchiveSettings {
  readonly platforms: readonly Platform[];
  /** What {@link import('./executables.ts').buildExecutables} wrote. */
  readonly executables: string;
  readonly folder: string;
  /** Of every file in an archive. */
  readonly epochSeconds: number;
}

/** An archive for each program of each platform; a platform whose executable is missing throws. */
export async function packArchives({ platforms, ...settings }: ArchiveSettings): Promise<readonly Archive[]> {
  mkdirSync(settings.folder, { recursive: true });
  const archives: Archive[] = [];
  for (const platform of platforms) {
    for (const program of platform.programs) {
      // oxlint-disable-next-line no-await-in-loop -- one hundred megabytes each
      archives.push(await packed(program, platform, settings));
    }
  }
  return archives;
}

async function packed(
  program: Program,
  platform: Platform,
  { executables, folder, epochSeconds }: Omit<ArchiveSettings, 'platforms'>,
): Promise<Archive> {
  const from = join(executables, platform.name);
  const executable = join(from, fileOf(program, platform));
  const contents = [executable, join(ROOT, 'LICENSE'), join(from, NOTICES), join(from, NODE_NOTICES)];
  const scratch = mkdtempSync(join(tmpdir(), 'archive-'));
  try {
    for (const path of contents) {
      copyFileSync(path, join(scratch, basename(path)));
      // Whatever the way here made of it: files that a workflow keeps between machines lose their mode.
      chmodSync(join(scratch, basename(path)), path === executable ? 0o755 : 0o644);
      utimesSync(join(scratch, basename(path)), epochSeconds, epochSeconds);
    }
    const file = join(folder, archiveOf(program, VERSION, platform));
    const names = contents.map((path) => basename(path));
    await (platform.os === 'windows' ? zip : tar)(file, names, scratch);
    return { program, platform, file, sha256: sha256(file), executableSha256: sha256(executable) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** gzip by Node: the program of that name writes another header on another system. */
async function tar(file: string, names: readonly string[], cwd: string): Promise<void> {
  const plain = `${file}.tar`;
  await run('tar', ['--format=ustar', '--owner=0', '--group=0', '--numeric-owner', '-cf', plain, ...names], { cwd });
  writeFileSync(file, gzipSync(readFileSync(plain), { level: 6 }));
  rmSync(plain);
}

async function zip(file: string, names: readonly string[], cwd: string): Promise<void> {
  rmSync(file, { force: true });
  await run('zip', ['-q', '-X', '-D', file, ...names], { cwd, env: { ...process.env, TZ: 'UTC' } });
}

export function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** SOURCE_DATE_EPOCH (reproducible-builds.org), else the time of the commit. */
export async function epochOf(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const told = Number(env['SOURCE_DATE_EPOCH']);
  if (Number.isInteger(told) && told > 0) return told;
  return Number((await run('git', ['-C', ROOT, 'log', '-1', '--format=%ct'])).stdout);
}

if (import.meta.main) {
  const executables = join(ROOT, 'dist/executables');
  const platforms = PLATFORMS.filter(({ name }) => existsSync(join(executables, name)));
  const folder = join(ROOT, 'dist/release');
  for (const { file } of await packArchives({
    platforms,
    executables,
    folder,
    epochSeconds: await epochOf(process.env),
  })) {
    process.stdout.write(`dist/release/${basename(file)}\n`);
  }
}
