// A list of revocations, read and written as YAML, changed, and compared with what it was; no I/O.

import { type Document, parseDocument } from 'yaml';
import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, isText, type JsonObject, parseJsonObject } from '../text/json.ts';

export type Revocation =
  /** One token; `watchedMs` is the list's own when it was added, absent where somebody wrote it by hand. */
  | { readonly jti: string; readonly watchedMs?: number }
  /** Every token that a user was given before. */
  | { readonly username: string; readonly before: EpochMs };

/** What the first line says of the list as a whole: enough to tell a list that has lost entries. */
export interface ListHead {
  /** Counts the writes. */
  readonly change: number;
  /** For how long brokers have watched the list, by clocks that cannot be set. */
  readonly watchedMs: number;
  /** Entries that were added before the list had been watched for so long have been taken off. */
  readonly forgottenMs: number;
  /** When an operator last took the list as it was although entries were missing; 0: never. */
  readonly acceptedAt: EpochMs;
}

export interface RevocationList {
  /** Absent where somebody wrote the file by hand. */
  readonly head?: ListHead;
  readonly entries: readonly Revocation[];
}

export type Parsed = { readonly list: RevocationList } | { readonly fault: string };

const NO_HEAD: ListHead = { change: 0, watchedMs: 0, forgottenMs: 0, acceptedAt: 0 };
const HEAD_LINE = /^# kube-auth-broker revocations (\{.*\})$/m;
const HINT = '# Keep the line above: by it a broker notices lost entries. Entries: { jti } or { username, before }.\n';

export function headOf({ head }: RevocationList): ListHead {
  return head ?? NO_HEAD;
}

/** `fault` completes "<file> …". */
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
  const line = HEAD_LINE.exec(text)?.[1];
  if (line === undefined) return { list: { entries } };
  const head = parseHead(line);
  return head === undefined ? { fault: 'has a first line that was changed' } : { list: { head, entries } };
}

/** Undefined when a number is missing or is no count. */
export function parseHead(json: string): ListHead | undefined {
  const { change, watchedMs, forgottenMs, acceptedAt } = parseJsonObject(json) ?? {};
  if (!isCount(change) || !isCount(watchedMs) || !isCount(forgottenMs) || !isCount(acceptedAt)) return undefined;
  return { change, watchedMs, forgottenMs, acceptedAt };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
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

/** `expires` is what earlier versions wrote beside a jti. */
function entryOf({ jti, username, before, watchedMs, expires, ...rest }: JsonObject): Revocation | undefined {
  if (Object.keys(rest).length > 0) return undefined;
  if (isText(jti) && username === undefined && before === undefined) {
    if (expires !== undefined && time(expires) === undefined) return undefined;
    if (watchedMs === undefined) return { jti };
    return isCount(watchedMs) ? { jti, watchedMs } : undefined;
  }
  const beforeMs = time(before);
  const isOfUser = isText(username) && jti === undefined && expires === undefined && watchedMs === undefined;
  return isOfUser && beforeMs !== undefined ? { username, before: beforeMs } : undefined;
}

function time(value: unknown): EpochMs | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** One line of JSON for each, which is YAML too. */
export function formatRevocations({ head = NO_HEAD, entries }: RevocationList): string {
  const lines = entries.map((entry) =>
    'jti' in entry ? entry : { ...entry, before: new Date(entry.before).toISOString() },
  );
  const items = lines.length === 0 ? '[]\n' : lines.map((line) => `- ${JSON.stringify(line)}\n`).join('');
  return `# kube-auth-broker revocations ${JSON.stringify(head)}\n${HINT}${items}`;
}

/**
 * The list with one more entry: one per token and user, without tokens that have been on it for `keptMs`. That is counted in
 * time that brokers have watched the list, so that no clock that was set wrong, here or elsewhere, takes an entry off.
 * `watchedMs` is how long that is by now.
 */
export function withRevocation(
  list: RevocationList,
  added: Revocation,
  { watchedMs, keptMs }: { readonly watchedMs: number; readonly keptMs: number },
): RevocationList {
  const { change, forgottenMs, acceptedAt } = headOf(list);
  const head = { change: change + 1, watchedMs, forgottenMs: Math.max(forgottenMs, watchedMs - keptMs), acceptedAt };
  const others = list.entries.filter((entry) => !isSame(entry, added) && !isForgotten(entry, head));
  const kept = others.map((entry) => ('jti' in entry ? { ...entry, watchedMs: entry.watchedMs ?? watchedMs } : entry));
  const before = list.entries.find((entry) => isSame(entry, added));
  return { head, entries: [...kept, merged(before, added, watchedMs)] };
}

/** A user's later revocation is later than the one before, whatever the clock says: tokens were issued in between. */
function merged(before: Revocation | undefined, added: Revocation, watchedMs: number): Revocation {
  if ('jti' in added) return { jti: added.jti, watchedMs };
  if (before === undefined || 'jti' in before) return added;
  return { ...added, before: Math.max(added.before, before.before + 1) };
}

function isForgotten(entry: Revocation, { forgottenMs }: ListHead): boolean {
  return 'jti' in entry && entry.watchedMs !== undefined && entry.watchedMs < forgottenMs;
}

function isSame(a: Revocation, b: Revocation): boolean {
  if ('jti' in a) return 'jti' in b && a.jti === b.jti;
  return 'username' in b && a.username === b.username;
}

/** What the list has lost since it was `before`, completing "<file> …"; undefined when it has lost nothing. */
export function lossSince(before: RevocationList, now: RevocationList): string | undefined {
  const [then, head] = [headOf(before), headOf(now)];
  if (head.acceptedAt > then.acceptedAt) return undefined;
  if (now.head !== undefined && head.change < then.change)
    return `is at change ${head.change} and was at ${then.change}`;
  const has = finderIn(now.entries);
  const lost = before.entries.filter((entry) => !has(entry) && !isForgotten(entry, head));
  return lost.length === 0 ? undefined : `has lost ${lost.length} of its entries`;
}

/** The list as it is, with an operator's word that nothing is missing; `note` says what was known of it before. */
export function acceptedList(list: RevocationList, note: Note | undefined, nowMs: EpochMs): RevocationList {
  const head = headOf(list);
  const before = note ?? noteOf(list);
  const change = Math.max(head.change, before.change) + 1;
  const acceptedAt = Math.max(nowMs, head.acceptedAt + 1, before.acceptedAt + 1);
  return { head: { ...head, change, acceptedAt }, entries: list.entries };
}

/** What a broker notes of a list, so that the next one notices what was lost while none was running. */
export interface Note {
  readonly change: number;
  readonly acceptedAt: EpochMs;
  readonly entries: number;
}

export function noteOf(list: RevocationList): Note {
  const { change, acceptedAt } = headOf(list);
  return { change, acceptedAt, entries: list.entries.length };
}

/** Undefined when it is none. */
export function parseNote(json: string): Note | undefined {
  const { change, acceptedAt, entries } = parseJsonObject(json) ?? {};
  return isCount(change) && isCount(acceptedAt) && isCount(entries) ? { change, acceptedAt, entries } : undefined;
}

/** As {@link lossSince}, as far as a note tells. */
export function lossSinceNote(note: Note, now: RevocationList): string | undefined {
  const { change, acceptedAt } = headOf(now);
  if (acceptedAt > note.acceptedAt) return undefined;
  if (now.head !== undefined)
    return change < note.change ? `is at change ${change} and was at ${note.change}` : undefined;
  const lost = note.entries - now.entries.length;
  return lost > 0 ? `has lost ${lost} of its entries` : undefined;
}

function finderIn(entries: readonly Revocation[]): (entry: Revocation) => boolean {
  const { ids, users } = tables(entries);
  return (entry) =>
    'jti' in entry ? ids.has(entry.jti) : (users.get(entry.username) ?? Number.NEGATIVE_INFINITY) >= entry.before;
}

function tables(entries: readonly Revocation[]) {
  const ids = new Set<string>();
  const users = new Map<string, EpochMs>();
  for (const entry of entries) {
    if ('jti' in entry) ids.add(entry.jti);
    else users.set(entry.username, Math.max(entry.before, users.get(entry.username) ?? entry.before));
  }
  return { ids, users };
}

/** Entries in the form in which a token is looked up. */
export interface RevocationIndex {
  /** A token that does not say when it was made counts as made before any time. */
  has(token: { readonly id?: string; readonly username: string; readonly issuedAtMs?: EpochMs }): boolean;
  /** Until when the tokens of a user were revoked; undefined when they were not. */
  before(username: string): EpochMs | undefined;
}

export function indexOf(entries: readonly Revocation[]): RevocationIndex {
  const { ids, users } = tables(entries);
  return {
    has: ({ id, username, issuedAtMs = Number.NEGATIVE_INFINITY }) => {
      const beforeMs = users.get(username);
      return (id !== undefined && ids.has(id)) || (beforeMs !== undefined && issuedAtMs <= beforeMs);
    },
    before: (username) => users.get(username),
  };
}
