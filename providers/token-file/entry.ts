// One entry of a token file: whose token it is, and the digest of the token, never the token.

import { z } from 'zod';
import { usernameFault } from '../../src/core/identity.ts';
import { TOKEN_DIGEST } from '../../src/core/token-digest.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { dataObject, type JsonObject } from '../../src/text/json.ts';

export interface TokenEntry {
  /** Of the token, as `tokenDigest` makes it. */
  readonly digest: string;
  readonly username: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  /** Absent of a line of CSV, which has no room for more. */
  readonly attributes?: JsonObject;
}

const MAKE_ONE = 'make one with kube-auth-broker hash-token';
const DIGEST_FORM = `must be the SHA-256 of a token in 64 lower-case hexadecimal digits; ${MAKE_ONE}`;

/** Of the YAML form. Messages go on from the name of the key: `uid` + ` must be text`. */
export function entriesSchema(fields: Fields): Schema<readonly TokenEntry[]> {
  const entry = fields.object({
    sha256: z
      .string({ error: ({ input }) => (input === undefined ? `is required; ${MAKE_ONE}` : DIGEST_FORM) })
      .regex(TOKEN_DIGEST, { error: DIGEST_FORM }),
    username: z.string().superRefine((name, context) => {
      const message = usernameProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
    uid: z.string().min(1).optional(),
    groups: z.array(z.string().min(1)).default([]),
    attributes: z
      .record(z.string(), z.json())
      .default({})
      .transform((attributes) => dataObject(Object.entries(attributes))),
  });
  return z.array(
    entry.transform(({ sha256, ...others }) => ({ digest: sha256, ...others })),
    {
      error: 'must be a list of tokens',
    },
  );
}

export function usernameProblem(name: string): string | undefined {
  const fault = usernameFault(name);
  if (fault === undefined) return undefined;
  return fault === 'empty-username' ? 'is empty' : 'has control or invisible characters, or more than 253 bytes';
}
