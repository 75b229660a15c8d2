// `issuer new-key` and `issuer revoke`: what an administrator does about issued tokens.

import { EXIT, UsageError } from '../command/command.ts';
import { parseOptions, required } from '../command/options.ts';
import { CLOCK_TOLERANCE_MS } from '../issuer/claims.ts';
import { type Issuer, openIssuer } from '../issuer/issuer.ts';
import { newKey } from '../issuer/new-key.ts';
import type { Revocations } from '../issuer/revocations.ts';
import { ALGORITHMS, type Algorithm } from '../issuer/settings.ts';
import type { Config } from '../settings/config.ts';
import { ISSUED } from '../settings/providers-schema.ts';
import type { StoreObserver } from '../stores/questions.ts';
import { openShared } from '../stores/shared.ts';
import { printable } from '../text/printable.ts';
import { didYouMean } from '../text/suggest.ts';
import { loadOrPrint } from './configuration.ts';
import type { CliCommand, CliSeams } from './seams.ts';

const NEW_KEY_HELP = `Makes a key for issued tokens.

Usage: kube-auth-broker issuer new-key [--algorithm EdDSA|ES256|HS256]

  --algorithm NAME   EdDSA (default), ES256, or HS256: a shared secret, with which every holder can also issue

The key goes to stdout: PEM, or one line for HS256. How to use it goes to stderr.

  kube-auth-broker issuer new-key > keys/2026-11.pem
`;

export const issuerNewKey: CliCommand = {
  name: 'issuer new-key',
  summary: 'make a key for issued tokens',
  help: NEW_KEY_HELP,
  run: async (args, { stdout, stderr, randomBytes }) => {
    const algorithm = algorithmOf(parseOptions(args, { algorithm: { type: 'string', default: 'EdDSA' } }).algorithm);
    const { secret, publicPem } = newKey(algorithm, randomBytes);
    stdout.write(secret);
    stderr.write(usage(algorithm, publicPem));
    return EXIT.done;
  },
};

function algorithmOf(name: string): Algorithm {
  const algorithm = ALGORITHMS.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (algorithm !== undefined) return algorithm;
  throw new UsageError(`--algorithm takes ${ALGORITHMS.join(', ')}${didYouMean(name, ALGORITHMS)}; see --help`);
}

function usage(algorithm: Algorithm, publicPem: string | undefined): string {
  const option = algorithm === 'HS256' ? 'secret' : 'privateKey';
  const file = algorithm === 'HS256' ? 'keys/ID.secret' : 'keys/ID.pem';
  const half = `
A replica that only verifies takes the public half instead, as publicKey:

${publicPem}`;
  return `
Keep it in a file that only the broker reads, and add it to issuer.keys; the first key signs, all verify:

  - { id: ID, algorithm: ${algorithm}, ${option}: { file: ${file} } }

To rotate: add the new key last everywhere, then move it first, and remove the old one once its last token has ended.
${publicPem === undefined ? '' : half}`;
}

const REVOKE_HELP = `Revokes issued tokens.

Usage: kube-auth-broker issuer revoke --config FILE (--jti ID | --user NAME)

  --config FILE   the configuration (YAML); its issuer.revocationsFile or the shared store is changed
  --jti ID        one token, by its jti claim; the line "token issued" of the log has it
  --user NAME     every token that this user was given until now, also by a broker whose clock is up to 30s ahead; the
                  Kubernetes username, prefix included

A running broker that uses the same file refuses the tokens with its next review. kube-apiserver remembers an answer for
up to 2m10s by default (--authentication-token-webhook-cache-ttl, and 10s around it).

Exit codes: 0 done, 2 wrong usage or configuration, 3 the file could not be written.
`;

export const issuerRevoke: CliCommand = {
  name: 'issuer revoke',
  summary: 'revoke issued tokens, by jti or by user',
  help: REVOKE_HELP,
  run: async (args, seams) => {
    const options = parseOptions(args, {
      config: { type: 'string' },
      jti: { type: 'string' },
      user: { type: 'string' },
    });
    const file = required(options.config, '--config');
    const { jti, user } = options;
    if ((jti === undefined) === (user === undefined))
      throw new UsageError('either --jti or --user is needed; see --help');
    const found = await issuerIn(file, seams);
    if (found === undefined) return EXIT.usage;
    try {
      if (jti !== undefined) return await revoke(found.issuer, { jti: required(jti, '--jti') }, seams);
      return await revokeUser(required(user, '--user'), found, seams);
    } finally {
      found.close();
    }
  },
};

async function revokeUser(username: string, { issuer, config }: Found, seams: CliSeams): Promise<number> {
  const code = await revoke(issuer, { username, before: seams.clock.now() + CLOCK_TOLERANCE_MS }, seams);
  const doubt = nameDoubt(username, config);
  if (doubt !== undefined && code === EXIT.done) seams.stderr.write(`warning: ${printable(doubt)}\n`);
  return code;
}

/** Why no token can be this user's, with the names that are near; undefined when one could be. */
function nameDoubt(username: string, { providers, portal }: Config): string | undefined {
  // A proxy names its users as it likes.
  if (portal?.header !== undefined) return undefined;
  const sources = providers.filter(({ type }) => type !== ISSUED.type).map(({ mapping }) => mapping.username);
  const prefixes = sources.flatMap((source) => (source.kind === 'claim' ? [source.prefix] : []));
  if (prefixes.length < sources.length || prefixes.some((prefix) => username.startsWith(prefix))) return undefined;
  const bare = username.slice(username.indexOf(':') + 1);
  const names = [...new Set(prefixes)].map((prefix) => `${prefix}${bare}`);
  return `no provider yields the username ${username}, so nobody may have been revoked; did you mean ${names.join(' or ')}?`;
}

interface Found {
  readonly config: Config;
  readonly issuer: Issuer;
  readonly revocations: Revocations;
  close(): void;
}

/** How long a command waits for the shared store. */
const STORE_PATIENCE_MS = 3000;
const UNOBSERVED: StoreObserver = { asked: () => undefined, up: () => undefined };

/** The issuer of a configuration that can revoke; undefined after errors have been printed, {@link UsageError} without a file. */
async function issuerIn(file: string, seams: CliSeams): Promise<Found | undefined> {
  const config = loadOrPrint(file, seams);
  if (config === undefined) return undefined;
  const quiet = { ...seams, log: () => undefined };
  const shared = config.shared && config.issuer?.revocations && openShared(config.shared, UNOBSERVED, quiet);
  const issuer = config.issuer && openIssuer(config.issuer, quiet, shared);
  await shared?.kept.ready(STORE_PATIENCE_MS);
  const close = (): void => {
    issuer?.close();
    shared?.close();
  };
  if (issuer?.revocations !== undefined) return { config, issuer, revocations: issuer.revocations, close };
  throw new UsageError(`${file} has no issuer.revocationsFile, so there is nowhere to keep a revocation`);
}

async function revoke(
  issuer: Issuer,
  what: Parameters<Issuer['revoke']>[0],
  { stdout, stderr }: CliSeams,
): Promise<number> {
  const failed = await issuer.revoke(what);
  if (failed !== undefined) {
    stderr.write(`kube-auth-broker issuer revoke: nothing was revoked: ${failed.detail ?? failed.reason}\n`);
    return EXIT.unknown;
  }
  stdout.write('jti' in what ? `revoked: token ${printable(what.jti)}\n` : `revoked: ${told(what)}\n`);
  stderr.write('kube-apiserver may still remember it, for up to 2m10s by default\n');
  return EXIT.done;
}

function told({ username, before }: { readonly username: string; readonly before: number }): string {
  return `every token of ${printable(username)} from before ${new Date(before).toISOString()}`;
}

const REVOCATIONS_HELP = `Looks at the file of revocations, and takes it as it is when it has lost entries.

Usage: kube-auth-broker issuer revocations --config FILE [--accept]

  --config FILE   the configuration (YAML) with the issuer.revocationsFile
  --accept        the file is right as it is: brokers take it although it has gone or entries are missing

A broker that finds fewer revocations than there were takes no issued token until the file is restored or accepted. After
--accept the tokens of lost entries are good again; to end all tokens, give the issuer another key.

Exit codes: 0 in order, 2 wrong usage or configuration, 3 the file cannot be read or written, or has lost entries.
`;

export const issuerRevocations: CliCommand = {
  name: 'issuer revocations',
  summary: 'look at the file of revocations; accept it when it has lost entries',
  help: REVOCATIONS_HELP,
  run: async (args, seams) => {
    const options = parseOptions(args, { config: { type: 'string' }, accept: { type: 'boolean', default: false } });
    const file = required(options.config, '--config');
    const opened = await issuerIn(file, seams);
    if (opened === undefined) return EXIT.usage;
    const { revocations: list } = opened;
    const failed = options.accept ? await list.accept() : undefined;
    const found = failed ?? (await list.current());
    opened.close();
    if ('kind' in found) {
      seams.stderr.write(`kube-auth-broker issuer revocations: ${found.detail ?? found.reason}\n`);
      return EXIT.unknown;
    }
    seams.stdout.write(
      `${options.accept ? 'accepted' : 'in order'}: ${found.tokens} tokens and ${found.users} users are revoked\n`,
    );
    return EXIT.done;
  },
};
