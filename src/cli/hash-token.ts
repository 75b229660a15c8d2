// `hash-token`: makes the digest that a token file takes in place of a token.

import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions } from '../command/options.ts';
import { readSecret } from '../command/secret-input.ts';
import { parseCredential } from '../core/credential.ts';
import { tokenDigest } from '../core/token-digest.ts';
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
    const fault = whyNever(token);
    if (fault !== undefined) throw new UsageError(fault);
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

/** A token that the webhook takes for something else would never be looked up. */
function whyNever(token: string): string | undefined {
  if (token === '') return 'there is no token: type it on a terminal, or pipe it in';
  const credential = parseCredential(token, { tokenBytes: Number.POSITIVE_INFINITY, ignoreIssuers: new Set() });
  if (credential.kind === 'refused') return `this token is always refused by its form (${credential.reason})`;
  if (credential.kind === 'password')
    return 'this token reads as username:password, or as base64 of that, and is never looked up';
  return credential.form === 'jwt' ? 'this token reads as a JWT, which is verified and never looked up' : undefined;
}
