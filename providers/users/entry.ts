// One entry of a users file, and what may be wrong with each of its keys.

import { z } from 'zod';
import { usernameFault } from '../../src/core/identity.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { dataObject, type JsonObject } from '../../src/text/json.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';

export interface UserEntry {
  readonly username: string;
  readonly passwordHash: PasswordHash;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly attributes: JsonObject;
}

const MAKE_ONE = 'make one with kube-auth-broker hash-password';
const HASH_FORM = `must be bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14) or argon2id ($argon2id$v=19$); ${MAKE_ONE}`;

/** Messages go on from the name of the key: `uid` + ` must be text`. */
export function entriesSchema(fields: Fields): Schema<readonly UserEntry[]> {
  const entry = fields.object({
    username: z.string().superRefine((name, context) => {
      const message = usernameProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
    passwordHash: z
      .string({ error: ({ input }) => (input === undefined ? `is required; ${MAKE_ONE}` : HASH_FORM) })
      .transform((text, context) => {
        const hash = parsePasswordHash(text);
        if (hash !== undefined) return hash;
        context.addIssue({ code: 'custom', message: HASH_FORM });
        return z.NEVER;
      }),
    uid: z.string().min(1).optional(),
    groups: z.array(z.string().min(1)).default([]),
    attributes: z
      .record(z.string(), z.json())
      .default({})
      .transform((attributes) => dataObject(Object.entries(attributes))),
  });
  return z.array(entry, { error: 'must be a list of users' });
}

function usernameProblem(name: string): string | undefined {
  const fault = usernameFault(name);
  if (fault === 'empty-username') return 'is empty';
  if (fault !== undefined) return 'has control or invisible characters, or more than 256 bytes';
  return name.includes(':')
    ? 'has a colon, so nobody can type it: a token ends the name at its first colon'
    : undefined;
}
