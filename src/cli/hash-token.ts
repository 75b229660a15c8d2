// `hash-token`: makes the digest that a token file takes in place of a token.

import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions } from '../command/options.ts';
import { readSecret } from '../command/secret-input.ts';
import { tokenDigest, whyNeverLookedUp } from '../core/token-digest.ts';
import type { CliCommand } from './seams.ts';

const HELP = `Reads a token and prints its SHA-256 for the sha256 of a token file.

Usage: kube-auth-broker hash-token

On a terminal it asks and shows nothing. Otherwise it reads standard input, without one trailing newline:

  openssl rand -hex 32 | tee robot.token | kube-auth-broker hash-token

A token must be random: of one that can be guessed the digest can be guessed too.

Exit codes: 0 done, 2 the token cannot be used.
`;

export const hashToken: CliCommand = {
  name: 'hash-token',
  summary: 'make the digest of a token for a token file',
  help: HELP,
  run: async (args, seams) => {
    parseOptions(args, {});
    const token = await readSecret('Token: ', seams);
    if (token === '') throw new UsageError('there is no token: type it on a terminal, or pipe it in');
    const never = whyNeverLookedUp(token);
    if (never !== undefined) throw new UsageError(`nobody can log in with this token: ${never}`);
    if (token.length < SHORT)
      seams.stderr.write(
        `warning: the token has ${SHORT - 1} characters or fewer: whoever sees its digest can guess it\n`,
      );
    seams.stdout.write(`${tokenDigest(token)}\n`);
    return EXIT.done;
  },
};

/** Sixteen random characters are 64 bits or more. */
const SHORT = 16;
