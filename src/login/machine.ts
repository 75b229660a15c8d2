// What signing in takes from the computer it runs on, so that a test can hand it another one.

import { closeSync, constants, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ReadStream } from 'node:tty';
import type { EpochMs } from '../core/verdict.ts';
import { type Host, thisHost } from '../files/holder.ts';

/** Keys as they are typed; raw mode echoes nothing. */
export interface Keyboard extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface Machine extends Host {
  /** When this process began. */
  readonly startedAt: EpochMs;
  /** Of kubectl, when it runs this program as its credential plugin. */
  readonly parentPid: number;
  /** Of the user; undefined where files have no owner and mode (Windows). */
  readonly uid: number | undefined;
  readonly home: string;
  /** The terminal that this process belongs to, whatever standard input is; undefined when there is none. */
  readonly openTerminal: () => { readonly keyboard: Keyboard; close(): void } | undefined;
}

export function thisMachine(): Machine {
  return {
    ...thisHost(),
    startedAt: performance.timeOrigin,
    parentPid: process.ppid,
    uid: process.getuid?.(),
    home: homedir(),
    openTerminal,
  };
}

/** kubectl's own cache folder (`--cache-dir`, `KUBECACHEDIR`), and in it the one of this program. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const kubectls = env['KUBECACHEDIR'];
  const base = kubectls === undefined || kubectls === '' ? join(home, '.kube', 'cache') : kubectls;
  return join(base, 'kube-auth-broker');
}

function openTerminal(): ReturnType<Machine['openTerminal']> {
  if (process.platform === 'win32') return undefined;
  let fd: number;
  try {
    fd = openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
  try {
    const keyboard = new ReadStream(fd);
    return { keyboard, close: () => void keyboard.destroy() };
  } catch {
    closeSync(fd);
    return undefined;
  }
}
