// The Kubernetes user, and the rules it must always keep whatever a mapping says.

import type { RejectReason } from './reasons.ts';

/** What kube-apiserver takes over from `status.user` (it validates none of it itself). */
export interface Identity {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** An authenticated review: who it is, and which of the asked audiences the credential is good for. */
export interface Decision {
  readonly identity: Identity;
  /** Absent: `status.audiences` is left out, and kube-apiserver takes its own for granted. */
  readonly audiences?: readonly string[];
}

/** Exact `system:` names that a provider may yield. */
export interface Reserved {
  readonly groups: readonly string[];
  readonly usernames: readonly string[];
}

export interface DroppedGroup {
  readonly group: string;
  readonly why: 'reserved' | 'empty' | 'duplicate' | 'control characters' | 'over 1000 groups';
}

export type Enforced =
  | { readonly ok: true; readonly identity: Identity; readonly dropped: readonly DroppedGroup[] }
  | { readonly ok: false; readonly reason: Extract<RejectReason, 'reserved-username' | 'invalid-username'> };

export const MAX_USERNAME_BYTES = 253;
export const MAX_GROUPS = 1000;

const CONTROL = /\p{Cc}/u;

/** Lower-cased, trimmed NFKC: the form in which names are compared when they must not be told apart. */
export function canonicalName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

/** `system：masters`, `ſystem:masters` and ` System:Masters` are reserved too (security requirement 9). */
export function isReserved(name: string): boolean {
  return canonicalName(name).startsWith('system:');
}

/**
 * Applies the rules to a mapped user, last of all steps.
 * A bad username refuses the login; a bad group is dropped and named in `dropped`.
 */
export function enforceIdentity(draft: Identity, reserved: Reserved): Enforced {
  const { username } = draft;
  if (!isValidUsername(username)) return { ok: false, reason: 'invalid-username' };
  if (isReserved(username) && !reserved.usernames.includes(username)) return { ok: false, reason: 'reserved-username' };
  const dropped: DroppedGroup[] = [];
  const kept = new Set<string>();
  for (const group of draft.groups) {
    const why = whyDropped(group, kept, reserved);
    if (why === undefined) kept.add(group);
    else dropped.push({ group, why });
  }
  return { ok: true, identity: { ...draft, groups: [...kept] }, dropped };
}

function isValidUsername(username: string): boolean {
  if (username === '' || username.trim() !== username) return false;
  if (CONTROL.test(username) || !username.isWellFormed()) return false;
  return Buffer.byteLength(username) <= MAX_USERNAME_BYTES;
}

function whyDropped(group: string, kept: ReadonlySet<string>, reserved: Reserved): DroppedGroup['why'] | undefined {
  if (group.trim() === '') return 'empty';
  if (CONTROL.test(group) || !group.isWellFormed()) return 'control characters';
  if (isReserved(group) && !reserved.groups.includes(group)) return 'reserved';
  if (kept.has(group)) return 'duplicate';
  return kept.size >= MAX_GROUPS ? 'over 1000 groups' : undefined;
}
