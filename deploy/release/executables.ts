// Makes single files that need no Node.js: `npm run build:executables [-- PLATFORM…]` writes dist/executables/<platform>/<program>.

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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bundle, bundle, commitOf, NOTICES, PLUGIN, SCRIPT } from '../bundle.ts';
import { librariesOf, noticesOf } from '../third-party.ts';
import { fileOf, NODE_VERSION, PLATFORMS, type Platform } from './platforms.ts';
import { type Program, ROOT } from './product.ts';

const run = promisify(execFile);

/** Below the folder of each platform, beside its programs. */
export const NODE_NOTICES = 'NODEJS-LICENSE.txt';

const BUNDLES: Readonly<Record<Program, Bundle>> = {
  'kubectl-broker': PLUGIN,
  'kube-auth-broker': { entry: 'src/main.ts', name: 'kube-auth-broker.cjs', form: SCRIPT },
};

/** Flags of Node.js that are built in; the environment (NODE_OPTIONS) cannot add others. */
const FLAGS: Readonly<Record<Program, readonly string[]>> = {
  'kubectl-broker': [],
  'kube-auth-broker': ['--disable-sigusr1'],
};

export interface ExecutableSettings {
  readonly platforms: readonly Platform[];
  /** Where the programs go, in a folder for each platform. */
  readonly folder: string;
  /** Keeps downloads. */
  readonly cache: string;
  readonly commit: string;
}

/** Needs a computer whose own platform is one of the table, since its Node.js writes the files of all others. */
export async function buildExecutables({ platforms, folder, cache, commit }: ExecutableSettings): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'executables-'));
  try {
    const notices = await bundles(scratch, commit);
    const host = await unpackedNode(hostPlatform(), { cache, scratch });
    for (const platform of platforms) {
      // oxlint-disable-next-line no-await-in-loop -- each needs half a gigabyte for a moment
      const node = platform.name === hostPlatform().name ? host : await unpackedNode(platform, { cache, scratch });
      const target = join(folder, platform.name);
      mkdirSync(target, { recursive: true });
      copyFileSync(join(host, 'LICENSE'), join(target, NODE_NOTICES));
      writeFileSync(join(target, NOTICES), notices);
      for (const program of platform.programs) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        await inject(program, { platform, main: join(scratch, BUNDLES[program].name), node, host, target, scratch });
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Writes them, and returns the notices of what is in them. */
async function bundles(scratch: string, commit: string): Promise<string> {
  const made = await Promise.all(Object.values(BUNDLES).map((each) => bundle(each, { folder: scratch, commit })));
  const inputs = made.flatMap((each) => each.inputs);
  return noticesOf(librariesOf(inputs, ROOT));
}

interface Injection {
  readonly platform: Platform;
  /** The bundle. */
  readonly main: string;
  /** The unpacked Node.js of the platform, and the one that runs here. */
  readonly node: string;
  readonly host: string;
  readonly target: string;
  readonly scratch: string;
}

/** Node.js documents the file as "Single executable applications"; code that was compiled here would fit no other platform. */
async function inject(program: Program, { platform, main, node, host, target, scratch }: Injection): Promise<void> {
  const output = join(target, fileOf(program, platform));
  const config = join(scratch, `${platform.name}-${program}.json`);
  const settings = {
    main,
    output,
    executable: join(node, platform.node.file),
    disableExperimentalSEAWarning: true,
    useCodeCache: false,
    execArgv: FLAGS[program],
    execArgvExtension: 'none',
  };
  writeFileSync(config, JSON.stringify(settings));
  await run(join(host, hostPlatform().node.file), ['--build-sea', config]);
  chmodSync(output, 0o755);
}

function hostPlatform(): Platform {
  const name = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const found = PLATFORMS.find((platform) => platform.name === name);
  if (found === undefined) throw new Error(`executables cannot be built on ${name}`);
  return found;
}

/** Downloads the Node.js of a platform by npm, once, and unpacks it; the checksum is looked at every time. */
async function unpackedNode(
  { name, node }: Platform,
  { cache, scratch }: { readonly cache: string; readonly scratch: string },
): Promise<string> {
  const tarball = join(cache, `${node.package}-${NODE_VERSION}.tgz`);
  if (!existsSync(tarball)) {
    mkdirSync(cache, { recursive: true });
    await run('npm', ['pack', '--silent', '--pack-destination', cache, `${node.package}@${NODE_VERSION}`]);
  }
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (integrity !== node.integrity) {
    rmSync(tarball);
    throw new Error(`${node.package}@${NODE_VERSION} is not what platforms.ts says: ${integrity}`);
  }
  const folder = join(scratch, name);
  mkdirSync(folder);
  await run('tar', ['-xzf', tarball, '-C', folder, '--exclude=package/include', '--exclude=package/share']);
  return join(folder, 'package');
}

/** The rows with these names, all of them without names. */
export function platformsNamed(names: readonly string[]): readonly Platform[] {
  const unknown = names.filter((name) => !PLATFORMS.some((platform) => platform.name === name));
  if (unknown.length > 0) throw new Error(`no such platform: ${unknown.join(', ')}`);
  return names.length === 0 ? PLATFORMS : PLATFORMS.filter(({ name }) => names.includes(name));
}

if (import.meta.main) {
  const platforms = platformsNamed(process.argv.slice(2));
  const folder = join(ROOT, 'dist/executables');
  const cache = join(ROOT, 'node_modules/.cache/executables');
  await buildExecutables({ platforms, folder, cache, commit: commitOf(process.env) });
  for (const platform of platforms) {
    for (const program of platform.programs) {
      process.stdout.write(`dist/executables/${platform.name}/${fileOf(program, platform)}\n`);
    }
  }
}
