// `hash-password`: makes the hash that a users file takes.

import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions } from '../command/options.ts';
import { readPassword } from '../command/secret-input.ts';
import { MAX_PASSWORD_BYTES } from '../core/credential.ts';
import type { CliCommand, CliSeams } from './seams.ts';

const HELP = `Reads a password and prints the hash for a users file.

Usage: kube-auth-broker hash-password

On a terminal it asks twice and shows nothing. Otherwise it reads standard input, without one trailing newline:

  printf '%s' "$PASSWORD" | kube-auth-broker hash-password

The hash is argon2id with a salt of its own: the same password gives another hash every time.

Exit codes: 0 done, 2 the password cannot be used.
`;

export const hashPassword: CliCommand = {
  name: 'hash-password',
  summary: 'make the hash of a password for a users file',
  help: HELP,
  run: async (args, seams) => {
    parseOptions(args, {});
    const password = await readTwice(seams);
    const fault = whyNever(password);
    if (fault !== undefined) throw new UsageError(fault);
    seams.stdout.write(`${await seams.hashPassword(password)}\n`);
    return EXIT.done;
  },
};

/** Who cannot see what they type must be able to notice a slip; what is piped in has none. */
async function readTwice(seams: CliSeams): Promise<string> {
  const password = await readPassword('Password: ', seams);
  if (seams.stdin.isTTY !== true) return password;
  const again = await readPassword('The same again: ', seams);
  if (again !== password) throw new UsageError('the two passwords differ; nothing was hashed');
  return password;
}

/** A password that the webhook refuses by its form would never let anybody in. */
function whyNever(password: string): string | undefined {
  if (password.trim() === '') return 'the password is blank; a blank password is always refused';
  if (password.includes('\0')) return 'the password has a NUL; such a password is always refused';
  if (Buffer.byteLength(password) <= MAX_PASSWORD_BYTES) return undefined;
  return `the password is longer than ${MAX_PASSWORD_BYTES} bytes; such a password is always refused`;
}
