// Builds deploy/Dockerfile without a Docker engine; images made of files of this machine stand in for those it would pull.

import { join } from 'node:path';
import { runOrThrow } from '../rig/command.ts';
import { requireServer } from '../rig/installed.ts';
import { isRoot } from '../rig/process.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { npmForBuild, writeBuildRoot, writeRuntimeRoot } from './stand-ins.ts';

/** Parts of the OCI image configuration that say how it is run. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface Image {
  /** Of the manifest, and so of configuration and layers. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** The root file system, as a container's own copy. */
  readonly root: string;
}

export interface ImageBuilder {
  /** Root file system of the stand-in that the image is built on. */
  readonly runtimeRoot: string;
  /** Of the project in a folder; nothing of an earlier build is used again. */
  build(project: string, commit: string): Promise<Image>;
  close(): Promise<void>;
}

interface Inspected {
  readonly FromImageDigest: string;
  readonly OCIv1: { readonly config: ImageConfig };
}

const PATIENCE_MS = 300_000;

export function containerToolsMissing(): string | false {
  return requireServer('buildah', ['buildah']) || requireServer('runc', ['runc']);
}

/** Only root can make containers. */
export function asRoot(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  return isRoot() ? [command, args] : ['sudo', ['-n', command, ...args]];
}

export async function startImageBuilder(): Promise<ImageBuilder> {
  const folder = temporaryFolder('image');
  const [store, state] = [join(folder, 'store'), join(folder, 'state')];
  const places = ['--storage-driver', 'vfs', '--root', store, '--runroot', state];
  const buildah = async (...args: readonly string[]): Promise<string> =>
    (await runOrThrow(...asRoot('buildah', [...places, ...args]), { timeoutMs: PATIENCE_MS })).trim();
  const npm = await npmForBuild();
  const runtimeRoot = writeRuntimeRoot(join(folder, 'runtime'));
  await standIn(buildah, 'build', writeBuildRoot(join(folder, 'build'), npm.program), npm.environment);
  await standIn(buildah, 'runtime', runtimeRoot, {});
  return {
    runtimeRoot,
    build: (project, commit) => build(buildah, { project, commit, volumes: npm.volumes }),
    // The folder itself goes with this process, which may not be root.
    close: async () => void (await runOrThrow(...asRoot('rm', ['-rf', store, state]))),
  };
}

type Buildah = (...args: readonly string[]) => Promise<string>;

async function standIn(
  buildah: Buildah,
  name: string,
  root: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const container = await buildah('from', 'scratch');
  await buildah('copy', '-q', container, root, '/');
  const variables = Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  await buildah('config', ...variables, container);
  await buildah('commit', '-q', '--rm', container, `localhost/${name}`);
}

interface Build {
  readonly project: string;
  readonly commit: string;
  readonly volumes: readonly string[];
}

/** The times of files are those of 1970, since no two builds share the clock's. */
async function build(buildah: Buildah, { project, commit, volumes }: Build): Promise<Image> {
  const file = join(project, 'deploy/Dockerfile');
  const given = ['BUILD_IMAGE=localhost/build', 'RUNTIME_IMAGE=localhost/runtime', `COMMIT=${commit}`];
  const options = [
    '--isolation',
    'chroot',
    '--no-cache',
    '--pull=never',
    '--timestamp',
    '0',
    '--format',
    'oci',
    '--quiet',
  ];
  const files = ['--file', file, '--ignorefile', `${file}.dockerignore`];
  const values = given.flatMap((argument) => ['--build-arg', argument]);
  const mounts = volumes.flatMap((volume) => ['--volume', volume]);
  const id = await buildah('bud', ...options, ...files, ...values, ...mounts, project);
  const inspected: Inspected = JSON.parse(await buildah('inspect', '--type', 'image', id));
  const container = await buildah('from', '--pull=never', id);
  return {
    digest: inspected.FromImageDigest,
    config: inspected.OCIv1.config,
    root: await buildah('mount', container),
  };
}
