// Somebody at a terminal: shows prompts on stderr, reads a name with and a password without echo.

import { type CommandSeams, Interrupted, UsageError } from '../../command/command.ts';
import { readSecret } from '../../command/secret-input.ts';
import { Secret } from '../../core/secret.ts';
import { printable } from '../../text/printable.ts';
import type { Keyboard, Machine } from '../machine.ts';
import type { Person } from '../sign-in.ts';

type Streams = Pick<CommandSeams, 'stdin' | 'stderr'>;

interface Asking {
  readonly machine: Pick<Machine, 'openTerminal'>;
  /** Named in the prompts. */
  readonly place: string;
  /** Hears of Ctrl-C at the prompt for a password; the person gives up then. */
  readonly onInterrupt: () => void;
}

/**
 * Runs `work` with the terminal on standard input, else with the one that this process belongs to; undefined when there is
 * none.
 */
export async function withPerson<T>(
  { stdin, stderr }: Streams,
  asking: Asking,
  work: (person: Omit<Person, 'say'>) => Promise<T>,
): Promise<T | undefined> {
  if (stdin.isTTY === true) return work(personAt(stdin, stderr, asking));
  const terminal = asking.machine.openTerminal();
  if (terminal === undefined) return undefined;
  try {
    return await work(personAt(terminal.keyboard, stderr, asking));
  } finally {
    terminal.close();
  }
}

function personAt(
  keyboard: Keyboard,
  stderr: CommandSeams['stderr'],
  { place, onInterrupt }: Asking,
): Omit<Person, 'say'> {
  return {
    username: async () => {
      stderr.write(`Username at ${place}: `);
      return (await echoedLine(keyboard)).trim();
    },
    password: async (login) => {
      // Before the prompt, so that an answer that comes with it is not shown either.
      keyboard.setRawMode?.(true);
      try {
        return new Secret(
          await readSecret(`Password of ${printable(login)} at ${place}: `, { stdin: keyboard, stderr }),
        );
      } catch (error) {
        if (error instanceof Interrupted) onInterrupt();
        else if (!(error instanceof UsageError)) throw error;
        return undefined;
      }
    },
  };
}

/** The terminal itself edits and shows the line; what was typed ahead stays for the next prompt. */
function echoedLine(keyboard: Keyboard): Promise<string> {
  let line = '';
  return new Promise<string>((resolve) => {
    const finish = (): void => {
      keyboard.off('data', onData);
      keyboard.off('end', finish);
      keyboard.pause();
      resolve(line);
    };
    const onData = (chunk: Buffer | string): void => {
      line += chunk.toString();
      const end = line.search(/[\r\n]/);
      if (end === -1) return;
      const rest = line.slice(end + 1);
      line = line.slice(0, end);
      finish();
      if (rest !== '') keyboard.unshift(rest);
    };
    keyboard.on('data', onData);
    keyboard.on('end', finish);
    keyboard.resume();
  });
}
