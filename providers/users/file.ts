// Reads a users file: a YAML list of entries, every fault with its line and column, no hash ever quoted.

import { basename } from 'node:path';
import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { dataObject, type JsonObject } from '../../src/core/claims.ts';
import { usernameFault } from '../../src/core/credential.ts';
import type { ConfigFile } from '../../src/core/fields.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';

export interface UserEntry {
  readonly username: string;
  readonly passwordHash: PasswordHash;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly attributes: JsonObject;
}

/** The entries, or what is wrong as `<file>:<line>:<column>: <sentence>`. */
export type UsersFile = { readonly entries: readonly UserEntry[] } | { readonly faults: readonly string[] };

const HASH_FORM =
  'passwordHash must be bcrypt ($2a$, $2b$ or $2y$, cost 4 to 14) or argon2id ($argon2id$v=19$); make one with kube-auth-broker hash-password';

const entrySchema = z.strictObject({
  username: z.string().superRefine((name, context) => {
    const message = usernameProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  passwordHash: z.string({ error: HASH_FORM }).transform((text, context) => {
    const hash = parsePasswordHash(text);
    if (hash !== undefined) return hash;
    context.addIssue({ code: 'custom', message: HASH_FORM });
    return z.NEVER;
  }),
  uid: z.string({ error: 'uid must be text; put a number in quotes' }).min(1).optional(),
  groups: z.array(z.string().min(1)).default([]),
  attributes: z
    .record(z.string(), z.json())
    .default({})
    .transform((attributes) => dataObject(Object.entries(attributes))),
});

const fileSchema = z.array(entrySchema, { error: 'must be a list of users' }).superRefine((entries, context) => {
  const seen = new Set<string>();
  for (const [index, { username }] of entries.entries()) {
    const message = 'username appears twice';
    if (seen.has(username)) context.addIssue({ code: 'custom', path: [index, 'username'], message });
    seen.add(username);
  }
});

export function parseUsersFile({ path, text }: ConfigFile): UsersFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' });
  const at = (offset: number, message: string): string => {
    const { line, col } = lines.linePos(offset);
    return `${basename(path)}:${line}:${col}: ${message}`;
  };
  const { errors } = document;
  if (errors.length > 0) return { faults: errors.map(({ pos, code }) => at(pos[0], `is not valid YAML: ${code}`)) };
  const plain = plainValue(document);
  if (plain === undefined) return { faults: [at(0, 'aliases are not allowed')] };
  const result = fileSchema.safeParse(plain.value);
  if (result.success) return { entries: result.data };
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, document, at)) };
}

/** Aliases are off: a few of them can unfold to gigabytes. */
function plainValue(document: Document): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: 0 }) };
  } catch {
    return undefined;
  }
}

function faultsOf(
  issue: z.core.$ZodIssue,
  document: Document,
  at: (offset: number, message: string) => string,
): string[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? '' : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => at(keyOffset(document, path, key), `unknown key ${JSON.stringify(key)}`));
  }
  const field = path.slice(1).join('.');
  const message = field === '' || issue.message.startsWith(field) ? issue.message : `${field}: ${issue.message}`;
  return [at(offsetOf(document, path), message)];
}

/** Of the value, or of the nearest value around one that is missing. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  const offset: unknown = Array.isArray(range) ? range[0] : undefined;
  if (typeof offset === 'number') return offset;
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}

function keyOffset(document: Document, path: readonly (string | number)[], key: string): number {
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path);
}

function usernameProblem(name: string): string | undefined {
  const fault = usernameFault(name);
  if (fault === 'empty-username') return 'username is empty';
  if (fault !== undefined) return 'username has control or invisible characters, or more than 256 bytes';
  return name.includes(':')
    ? 'username has a colon, so nobody can type it: a token ends the name at its first colon'
    : undefined;
}
