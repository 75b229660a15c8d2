// Knows its users from a YAML file: for a first try, for break-glass accounts, for clusters without a directory.

import { z } from 'zod';
import type { Review } from '../src/core/authenticator.ts';
import { type Claims } from '../src/core/claims.ts';
import { type ProbeReport, type Provider } from '../src/core/provider.ts';
import { abstained, authenticated, rejected, unavailable, type Verdict } from '../src/core/verdict.ts';
import { defineProvider, type Fields, type Schema } from '../src/settings/provider-module.ts';
import { dataObject } from '../src/text/json.ts';
import type { UserEntry } from './users/entry.ts';
import { parseUsersFile } from './users/file.ts';
import { hashing } from './users/hashing.ts';

interface UsersOptions {
  readonly file: {
    readonly path: string;
    readonly entries: readonly UserEntry[];
  };
}

/**
 * Authenticated: the password matches the entry's hash. Abstained: `wrong-kind`, `unknown-user` (after the same hash work).
 * Rejected: `wrong-password`, `empty-password`. Unavailable: `too-busy` when no thread was free before the deadline, `stopping`.
 */
export const users = defineProvider<UsersOptions>({
  type: 'users',
  accepts: ['password'],
  local: true,
  options: optionsSchema,
  warnings: weakHashes,
  open: openUsers,
});

/** The loader reloads the configuration when the file changes, so the entries are read once per load. */
function optionsSchema(fields: Fields): Schema<UsersOptions> {
  const file = fields.file().transform((read, context) => {
    const result = parseUsersFile(fields, read);
    if ('entries' in result) return { path: read.path, entries: result.entries };
    for (const message of result.faults) context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
  return fields.object({ file });
}

function weakHashes({ file }: UsersOptions): readonly string[] {
  const weak = file.entries.filter(({ passwordHash }) => /^bcrypt cost=[4-9]$/.test(passwordHash.work));
  const names = weak.map(({ username }) => username).join(', ');
  return weak.length === 0
    ? []
    : [`bcrypt with a cost below 10 is quick to guess: hash the passwords of ${names} anew`];
}

function openUsers({ file }: UsersOptions): Provider {
  const entries = new Map(file.entries.map((entry) => [entry.username, entry]));
  const decoy = decoyOf(file.entries);
  let isClosed = false;
  return {
    accounts: { upstream: [file.path], within: '' },
    authenticate: async (review, signal) => {
      if (isClosed) return unavailable('stopping');
      return authenticate(entries, decoy, review, signal);
    },
    find: async (login) => {
      const entry = entries.get(login);
      if (isClosed) return unavailable('stopping');
      return entry === undefined ? abstained('unknown-user') : authenticated(claimsOf(entry));
    },
    probe: async (report) => describe(file, report),
    close: async () => {
      isClosed = true;
    },
  };
}

async function authenticate(
  entries: ReadonlyMap<string, UserEntry>,
  decoy: UserEntry | undefined,
  { credential }: Review,
  signal: AbortSignal,
): Promise<Verdict<Claims>> {
  if (credential.kind !== 'password') return abstained('wrong-kind');
  const password = credential.password.reveal();
  if (password.trim() === '') return rejected('empty-password');
  const known = entries.get(credential.username);
  const { passwordHash } = known ?? decoy ?? {};
  if (passwordHash === undefined) return abstained('unknown-user');
  let isRight: boolean | undefined;
  try {
    isRight = await hashing(() => passwordHash.matches(password), signal);
  } catch {
    return unavailable('internal', 'the password hash could not be computed');
  }
  if (isRight === undefined)
    return unavailable('too-busy', 'no thread was free to check the password before the deadline');
  if (known === undefined) return abstained('unknown-user');
  return isRight ? authenticated(claimsOf(known)) : rejected('wrong-password');
}

/**
 * The entry whose hash the password of an unknown user is compared with, as a decoy: one with the most common parameters, so
 * that the time of an answer does not tell who exists.
 */
function decoyOf(entries: readonly UserEntry[]): UserEntry | undefined {
  const byWork = Map.groupBy(entries, ({ passwordHash }) => passwordHash.work);
  const [mostCommon] = [...byWork.values()].toSorted((a, b) => b.length - a.length);
  return mostCommon?.[0];
}

function claimsOf({ username, uid, groups, attributes }: UserEntry): Claims {
  const subject = uid ?? username;
  const entry = { username, ...(uid === undefined ? {} : { uid }), groups, attributes, subject };
  return { subject, attributes: dataObject(Object.entries(entry)) };
}

function describe({ path, entries }: UsersOptions['file'], report: ProbeReport): void {
  const step = `users in ${path}`;
  if (entries.length === 0)
    report({ step, result: 'warning', detail: 'the file has no users: nobody can log in here' });
  else report({ step, result: 'ok', detail: String(entries.length) });
}
