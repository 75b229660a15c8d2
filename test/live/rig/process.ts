// Starts and ends the real servers of the live tests, so that none outlives the test that started it.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NOBODY = 65534;

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where `<name>.log` (stdout and stderr) is written, and the working directory. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gives up root before the command runs; without effect when the tests do not run as root. */
  readonly unprivileged?: boolean;
}

export interface ServerProcess {
  readonly pid: number;
  /** Everything printed so far; complete at any time, because the server writes into a file and not into a pipe. */
  output(): string;
  hasExited(): boolean;
  /** Signals the whole process group. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after two seconds. Never throws; a second call does nothing. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

/** Spawns in a process group of its own; the kernel kills it even when the test process is killed (PR_SET_PDEATHSIG). */
export function startProcess(spec: ProcessSpec): ServerProcess {
  const logFile = join(spec.directory, `${spec.name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn('setpriv', [...setprivArguments(spec), '--', spec.command, ...spec.args], {
    cwd: spec.directory,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...spec.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  process.off('exit', killEverything).once('exit', killEverything);
  running.add(child);
  const exited = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => running.delete(child));
  const hasExited = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const signal = (name: NodeJS.Signals) => signalGroup(child, name);
  return {
    pid: child.pid ?? 0,
    output: () => readFileSync(logFile, 'utf8'),
    hasExited,
    signal,
    stop: async () => {
      if (hasExited()) return;
      child.ref();
      signal('SIGTERM');
      signal('SIGCONT');
      const patience = setTimeout(() => signal('SIGKILL'), 2000);
      await exited;
      clearTimeout(patience);
    },
  };
}

function setprivArguments(spec: ProcessSpec): string[] {
  const asNobody = spec.unprivileged === true && isRoot();
  const identity = asNobody ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  return [...identity, '--pdeathsig=KILL'];
}

/** The owner that an unprivileged server's files must have. */
export function unprivilegedOwner(): { readonly uid: number; readonly gid: number } {
  return isRoot() ? { uid: NOBODY, gid: NOBODY } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what every caller wants in the end.
  }
}

function killEverything(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}
