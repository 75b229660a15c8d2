// What the broker's commands may take from the process beyond what every command may.

import type { Command, CommandSeams } from '../command/command.ts';
import type { LoadSeams } from '../settings/load.ts';
import type { LogSink } from '../telemetry/log.ts';
import type { Started } from './exposure.ts';

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGUSR1';

export interface CliSeams extends CommandSeams, Pick<LoadSeams, 'modules'> {
  /** What a users file stores in place of a password. */
  readonly hashPassword: (password: string) => Promise<string>;
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
  readonly started: Started;
  /** Every address of a name, in the resolver's order; default the resolver of this machine. Rejects when there is none. */
  readonly resolveHost?: (name: string) => Promise<readonly string[]>;
}

export type CliCommand = Command<CliSeams>;
