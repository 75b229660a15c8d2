// A list of revocations as it changes, and what it must not have lost; no text, no I/O.

import type { EpochMs } from '../core/verdict.ts';

export type Revocation =
  /** One token; `watchedMs` is the list's own when it was added, absent where the entry was written by hand. */
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

export const NO_HEAD: ListHead = { change: 0, watchedMs: 0, forgottenMs: 0, acceptedAt: 0 };
export function headOf({ head }: RevocationList): ListHead {
  return head ?? NO_HEAD;
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
  readonly tokens: number;
  readonly users: number;
}

export function indexOf(entries: readonly Revocation[]): RevocationIndex {
  const { ids, users } = tables(entries);
  return {
    has: ({ id, username, issuedAtMs = Number.NEGATIVE_INFINITY }) => {
      const beforeMs = users.get(username);
      return (id !== undefined && ids.has(id)) || (beforeMs !== undefined && issuedAtMs <= beforeMs);
    },
    before: (username) => users.get(username),
    tokens: ids.size,
    users: users.size,
  };
}
