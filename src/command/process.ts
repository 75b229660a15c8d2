// This process, as the commands of a program see it.

import { randomBytes } from 'node:crypto';
import { systemClock } from '../core/seams.ts';
import { readTextFile } from '../files/text-file.ts';
import { type CommandSeams, EXIT } from './command.ts';

/** What Ctrl-C does, unless a command stops in its own way: Node.js would end without an exit code. */
export const endInterrupted = (): void => process.exit(EXIT.interrupted);

/** `program` is how people call it. From now on a reader of the output that went away (`| head`) is no reason to crash. */
export function thisProcess(program: string): CommandSeams {
  process.on('SIGINT', endInterrupted);
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return {
    program,
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    readFile: readTextFile,
    clock: systemClock,
    randomBytes,
  };
}
