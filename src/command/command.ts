// What a command is, and what it may take from the process, so that a test can run it in another one.

import type { Clock } from '../core/seams.ts';

/** The part of a writable stream that commands use. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** The part of standard input that commands use. */
export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  /** Of a terminal: raw mode echoes nothing. */
  setRawMode?(raw: boolean): unknown;
}

export interface CommandSeams {
  /** How people call it: `kube-auth-broker`, or `kubectl broker` for the plugin alone. */
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  /** Results, and nothing else. */
  readonly stdout: Output;
  readonly stderr: Output;
  /** Throws when there is no such file, or it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
}

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** Refused, or a check failed. */
  refused: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** An upstream was unavailable. */
  unknown: 3,
  /** After Ctrl-C: 128 and the number of SIGINT, as shells tell it. */
  interrupted: 130,
} as const;

/** One command of a program. */
export interface Command<S = CommandSeams> {
  /** One word, or two: `kubeconfig webhook`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Resolves to the exit code; throws {@link UsageError} for arguments that make no sense. */
  run(args: readonly string[], seams: S): Promise<number>;
}

/** The message is for the person who typed the command. */
export class UsageError extends Error {}

/** Somebody pressed Ctrl-C at a prompt, where it is a key and no signal. */
export class Interrupted extends Error {}
