// Root file systems like those of the two images that deploy/Dockerfile names: Node.js with its libraries, and npm in one of them.

import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runOrThrow } from '../rig/command.ts';
import { findServer } from '../rig/installed.ts';
import { isRoot } from '../rig/process.ts';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const CACHE = '/var/cache/npm';

export interface NpmForBuild {
  /** The folder of the npm that this machine has. */
  readonly program: string;
  /** The registry that this machine uses, and its authorities. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its cache, so that `npm ci` finds what `npm ci` before the tests has downloaded. */
  readonly volumes: readonly string[];
}

export async function npmForBuild(): Promise<NpmForBuild> {
  const entry = findServer(['npm']);
  if (entry === undefined) throw new Error('there is no npm on the PATH');
  const [registry = '', cache = ''] = await Promise.all(
    ['registry', 'cache'].map(async (key) => (await runOrThrow(entry, ['config', 'get', key])).trim()),
  );
  return {
    program: dirname(dirname(realpathSync(entry))),
    environment: {
      NPM_CONFIG_REGISTRY: registry,
      NPM_CONFIG_CACHE: CACHE,
      NPM_CONFIG_PREFER_OFFLINE: 'true',
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
      NODE_EXTRA_CA_CERTS: CERTIFICATES,
    },
    // Another user's cache would get files of root.
    volumes: isRoot() ? [`${cache}:${CACHE}`] : [],
  };
}

/** As `node:24-trixie-slim`, without a shell. */
export function writeBuildRoot(root: string, npm: string): string {
  write(root, CERTIFICATES, readFileSync(CERTIFICATES));
  copyProgram(root, process.execPath, '/usr/local/bin/node');
  // What npm's first line names.
  copyProgram(root, '/usr/bin/env', '/usr/bin/env');
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  return withTemporary(root);
}

/** As `gcr.io/distroless/nodejs24-debian13`. */
export function writeRuntimeRoot(root: string): string {
  write(root, CERTIFICATES, readFileSync(CERTIFICATES));
  write(
    root,
    '/etc/passwd',
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  copyProgram(root, process.execPath, '/nodejs/bin/node');
  return withTemporary(root);
}

function withTemporary(root: string): string {
  mkdirSync(join(root, 'tmp'), { mode: 0o777 });
  return root;
}

function write(root: string, path: string, content: string | Buffer): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** With the shared libraries that ldd(1) names, where it names them. */
function copyProgram(root: string, program: string, path: string): void {
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+\.so\S*) \(/g);
  const files = [[program, path], ...[...linked].map(([, library = '']) => [library, library])] as const;
  for (const [from = '', to = ''] of files) {
    mkdirSync(join(root, dirname(to)), { recursive: true });
    copyFileSync(from, join(root, to));
  }
}
