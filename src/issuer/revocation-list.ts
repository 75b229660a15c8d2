// The entries of a revocations file, read and written as YAML; no I/O.

import { type Document, parseDocument } from 'yaml';
import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, isText, type JsonObject, parseJsonObject } from '../text/json.ts';
import type { IssuedToken } from './claims.ts';

export type Revocation =
  /** One token; forgotten after it has expired, when that is known. */
  | { readonly jti: string; readonly expires?: EpochMs }
  /** Every token that a user was given before. */
  | { readonly username: string; readonly before: EpochMs };

export type Parsed = { readonly entries: readonly Revocation[] } | { readonly fault: string };

const HEAD = '# Written by kube-auth-broker. Entries: { jti } or { username, before }.\n';

/** `fault` completes "<file> …". An empty file has no entries. */
export function parseRevocations(text: string): Parsed {
  const list = ownLines(text) ?? yamlList(text);
  if (!Array.isArray(list)) return list;
  const entries: Revocation[] = [];
  for (const [index, item] of list.entries()) {
    const entry = isJsonObject(item) ? entryOf(item) : undefined;
    if (entry === undefined)
      return { fault: `has an entry that is neither { jti } nor { username, before }: number ${index + 1}` };
    entries.push(entry);
  }
  return { entries };
}

/** A file as the broker writes it, a hundred times faster than YAML: thousands log out, and each time all is read. */
function ownLines(text: string): unknown[] | undefined {
  const items: unknown[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const item = line.startsWith('- {') ? parseJsonObject(line.slice(2)) : undefined;
    // Whatever could mean something else in YAML (a key twice, another spelling) is left to YAML.
    if (item === undefined || JSON.stringify(item) !== line.slice(2)) return undefined;
    items.push(item);
  }
  return items;
}

function yamlList(text: string): unknown[] | { readonly fault: string } {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) return { fault: 'is not valid YAML' };
  const list = withoutAliases(document) ?? [];
  return Array.isArray(list) ? list : { fault: 'is not a list' };
}

function withoutAliases(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return 'has aliases';
  }
}

function entryOf(item: JsonObject): Revocation | undefined {
  const { jti, username, before, expires, ...rest } = item;
  if (Object.keys(rest).length > 0) return undefined;
  if (isText(jti) && username === undefined && before === undefined) {
    if (expires === undefined) return { jti };
    const expiresMs = time(expires);
    return expiresMs === undefined ? undefined : { jti, expires: expiresMs };
  }
  const beforeMs = time(before);
  if (!isText(username) || beforeMs === undefined || jti !== undefined || expires !== undefined) return undefined;
  return { username, before: beforeMs };
}

/** One line of JSON for each, which is YAML too. */
export function formatRevocations(entries: readonly Revocation[]): string {
  const lines = entries.map((entry) =>
    'jti' in entry
      ? { jti: entry.jti, ...(entry.expires !== undefined && { expires: iso(entry.expires) }) }
      : { username: entry.username, before: iso(entry.before) },
  );
  return HEAD + (lines.length === 0 ? '[]\n' : lines.map((line) => `- ${JSON.stringify(line)}\n`).join(''));
}

/** With this entry, one entry per token and user, and without tokens that have expired by themselves an hour ago. */
export function withRevocation(
  entries: readonly Revocation[],
  added: Revocation,
  nowMs: EpochMs,
): readonly Revocation[] {
  const kept = entries.filter((entry) => !isOver(entry, nowMs) && !isSame(entry, added));
  const before = entries.find((entry) => isSame(entry, added));
  if (before === undefined || 'jti' in before || 'jti' in added) return [...kept, added];
  return [...kept, { ...added, before: Math.max(before.before, added.before) }];
}

/** Kept for a while, because the clock of another replica may be behind and take the token for good. */
const KEPT_AFTER_MS = 3_600_000;

function isOver(entry: Revocation, nowMs: EpochMs): boolean {
  return 'jti' in entry && entry.expires !== undefined && entry.expires + KEPT_AFTER_MS < nowMs;
}

function isSame(a: Revocation, b: Revocation): boolean {
  if ('jti' in a) return 'jti' in b && a.jti === b.jti;
  return 'username' in b && a.username === b.username;
}

/** Entries in the form in which a token is looked up. */
export interface RevocationIndex {
  /** A token that does not say when it was made counts as made before any time. */
  has(token: Pick<IssuedToken, 'id' | 'username' | 'issuedAtMs'>): boolean;
}

export function indexOf(entries: readonly Revocation[]): RevocationIndex {
  const ids = new Set<string>();
  const users = new Map<string, EpochMs>();
  for (const entry of entries) {
    if ('jti' in entry) ids.add(entry.jti);
    else users.set(entry.username, Math.max(entry.before, users.get(entry.username) ?? 0));
  }
  return {
    has: ({ id, username, issuedAtMs = 0 }) => {
      const beforeMs = users.get(username);
      return (id !== undefined && ids.has(id)) || (beforeMs !== undefined && issuedAtMs <= beforeMs);
    },
  };
}

function time(value: unknown): EpochMs | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function iso(atMs: EpochMs): string {
  return new Date(atMs).toISOString();
}
