// Runs an image's root file system as the pod of deploy/ does: its user, nothing writable, no capability; the network is this machine's.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type CommandResult, run } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { asRoot, type Image } from './image.ts';

export interface Mount {
  readonly source: string;
  /** In the container, read-only. */
  readonly destination: string;
}

export interface Container {
  /** Everything printed so far. */
  output(): string;
  exitCode(): number | null;
  signal(name: string): Promise<CommandResult>;
  /** What `/proc` says of the process: identity, capabilities, mounts. */
  proc(file: string): Promise<string>;
  stop(): Promise<void>;
}

/** Runs a command of the image to its end, instead of its own. */
export async function runInImage(image: Image, args: readonly string[], input = ''): Promise<CommandResult> {
  const { bundle, id } = writeBundle(image, { args, mounts: [] });
  return run(...asRoot('runc', ['run', '--bundle', bundle, id]), { input });
}

/** Runs a command of runc. */
const runc = (...args: readonly string[]): Promise<CommandResult> => run(...asRoot('runc', args));

/** Starts what the image starts by itself. */
export function startContainer(image: Image, mounts: readonly Mount[]): Container {
  const { bundle, id } = writeBundle(image, { args: image.config.Cmd, mounts });
  const pidFile = join(bundle, 'pid');
  const [command, args] = asRoot('runc', ['run', '--bundle', bundle, '--pid-file', pidFile, id]);
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return {
    output: () => printed,
    exitCode: () => child.exitCode,
    signal: (name) => runc('kill', id, name),
    proc: async (file) => (await run(...asRoot('cat', [`/proc/${readFileSync(pidFile, 'utf8')}/${file}`]))).stdout,
    stop: async () => void (await runc('delete', '--force', id)),
  };
}

interface Spec {
  /** After the image's entry point. */
  readonly args: readonly string[];
  readonly mounts: readonly Mount[];
}

/** https://github.com/opencontainers/runtime-spec: what a kubelet makes of the pod's securityContext. */
function writeBundle(image: Image, { args, mounts }: Spec): { readonly bundle: string; readonly id: string } {
  const bundle = temporaryFolder('container');
  const [uid = 0, gid = 0] = image.config.User.split(':').map(Number);
  const none: readonly string[] = [];
  const capabilities = { bounding: none, effective: none, permitted: none, inheritable: none, ambient: none };
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [...image.config.Entrypoint, ...args],
      env: image.config.Env,
      cwd: '/',
      capabilities,
      noNewPrivileges: true,
    },
    root: { path: image.root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      ...mounts.map((mount) => ({ ...mount, type: 'bind', options: ['bind', 'ro'] })),
    ],
    linux: { namespaces: ['mount', 'pid', 'ipc', 'uts'].map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return { bundle, id: basename(bundle) };
}
