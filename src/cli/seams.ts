// What a command may take from the process, so that a test can run it in another one.

import type { Seams } from '../core/seams.ts';
import type { LoadSeams } from '../settings/load.ts';
import type { LogSink } from '../telemetry/log.ts';

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

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

export interface CliSeams extends Omit<Seams, 'log'>, Pick<LoadSeams, 'env' | 'readFile' | 'modules'> {
  readonly stdin: Input;
  /** Results, and nothing else. */
  readonly stdout: Output;
  readonly stderr: Output;
  /** Log lines of `serve`. */
  readonly logSink: LogSink;
  readonly wait: (durationMs: number) => Promise<void>;
  readonly signals: {
    on(name: SignalName, handler: () => void): void;
    off(name: SignalName, handler: () => void): void;
    /** Called with what nobody caught. */
    onCrash(handler: (error: unknown) => void): void;
  };
  readonly exitNow: (code: number) => void;
  /** Every address of a name, in the resolver's order; default the resolver of this machine. Rejects when there is none. */
  readonly resolveHost?: (name: string) => Promise<readonly string[]>;
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
} as const;

/** One command of the program. */
export interface Command {
  /** One word, or two: `kubeconfig webhook`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Resolves to the exit code; throws {@link UsageError} for arguments that make no sense. */
  run(args: readonly string[], seams: CliSeams): Promise<number>;
}

/** The message is for the person who typed the command. */
export class UsageError extends Error {}
