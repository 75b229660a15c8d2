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

/** What a provider's configuration says about the identities that it may yield. */
export interface IdentityRules {
  readonly reserved: Reserved;
  /** At most {@link MAX_GROUPS}. */
  readonly maxGroups: number;
  /** What becomes of a user in more groups: `too-many-groups`, or the first ones alone. */
  readonly groupsOverLimit: 'reject' | 'truncate';
}

export interface DroppedGroup {
  /** Of those that could not be asked for, which ones. */
  readonly group: string;
  /** In the upstream's own case, where `why` is not all. */
  readonly detail?: string;
  readonly why:
    | 'not asked'
    | 'nameless'
    | 'reserved'
    | 'empty'
    | 'duplicate'
    | 'unprintable'
    | 'too long'
    | 'over maxGroups';
}

type IdentityFault = Extract<
  RejectReason,
  'reserved-username' | 'invalid-username' | 'invalid-identity' | 'too-many-groups'
>;

export type Enforced =
  | { readonly ok: true; readonly identity: Identity; readonly dropped: readonly DroppedGroup[] }
  /** `detail` names the field, never its value. */
  | { readonly ok: false; readonly reason: IdentityFault; readonly detail: string };

/** Of a typed name, and of a mapped one. */
export const MAX_USERNAME_BYTES = 253;
/** Of a group, and of a uid. */
export const MAX_NAME_BYTES = 1024;
/** The most that `maxGroups` may allow; kube-apiserver has no bound of its own. */
export const MAX_GROUPS = 5000;

/**
 * Control and format characters (zero-width, bidirectional, soft hyphen), separators of lines, fillers, and the sign that
 * bytes were no text: two names that look the same must be the same. The variation selectors of emoji are taken.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800\ufffd[\p{Default_Ignorable_Code_Point}--[\ufe00-\ufe0f]]]/v;

/** True when every character can be seen, and the text is well-formed Unicode: the rule for typed and mapped names alike. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text) && text.isWellFormed();
}

/** Compares UTF-8 lengths; a string has at most three bytes per UTF-16 unit, so short ones need no counting. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

/** Printable ASCII without outer or repeated spaces: nearly every name. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;
/** Mapped to nothing (RFC 4518 §2.2), white space excepted. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\u1806\ufffc]|(?![\t-\r\u0085])\p{Cc}/gu;
const SPACES = /[\s\u0085]+/gu;

/**
 * The form in which names are compared when they must not be told apart: NFKC, Unicode case folding, and the spaces of RFC
 * 4518 §2.6.1. Directories compare so, or more strictly; none tells apart what this does not.
 */
export function canonicalName(name: string): string {
  return PLAIN.test(name) ? name.toLowerCase() : folded(folded(name));
}

function folded(name: string): string {
  const text = foldCase(name.normalize('NFKC')).normalize('NFKC');
  return text.replaceAll(IGNORED, '').replaceAll(SPACES, ' ').trim();
}

/** By way of the capitals, which makes one of `ß`, `ẞ` and `ss`, of `ı`, `i` and `İ`, and of the three sigmas. */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').replaceAll('i\u0307', 'i');
}

/** `system：masters`, `ſystem:masters` and ` System:Masters` are reserved too (security requirement 9). */
export function isReserved(name: string): boolean {
  return canonicalName(name).startsWith('system:');
}

/**
 * Applies the rules to a mapped user, last of all steps. A bad username, uid or extra value refuses the login, because who
 * reads them further on may take their absence for a right; a bad group is dropped and named in `dropped`.
 */
export function enforceIdentity(draft: Identity, rules: IdentityRules): Enforced {
  const { username } = draft;
  if (!isValidUsername(username)) return { ok: false, reason: 'invalid-username', detail: 'username' };
  if (isReserved(username) && !rules.reserved.usernames.includes(username)) {
    return { ok: false, reason: 'reserved-username', detail: 'username' };
  }
  const field = unprintableField(draft);
  if (field !== undefined) return { ok: false, reason: 'invalid-identity', detail: field };
  const dropped: DroppedGroup[] = [];
  const kept = new Set<string>();
  for (const group of draft.groups) {
    const why = whyDropped(group, kept, rules.reserved);
    if (why === undefined) kept.add(group);
    else dropped.push({ group, why });
  }
  return withinLimit([...kept], dropped, draft, rules);
}

function withinLimit(
  groups: readonly string[],
  dropped: readonly DroppedGroup[],
  draft: Identity,
  { maxGroups, groupsOverLimit }: IdentityRules,
): Enforced {
  if (groups.length <= maxGroups) return { ok: true, identity: { ...draft, groups }, dropped };
  if (groupsOverLimit === 'reject') {
    return { ok: false, reason: 'too-many-groups', detail: `groups: ${groups.length}, and maxGroups is ${maxGroups}` };
  }
  const cut = groups.slice(maxGroups).map((group): DroppedGroup => ({ group, why: 'over maxGroups' }));
  return { ok: true, identity: { ...draft, groups: groups.slice(0, maxGroups) }, dropped: [...dropped, ...cut] };
}

function isValidUsername(username: string): boolean {
  if (username === '' || username.trim() !== username || !isPrintable(username)) return false;
  return !isLongerThan(username, MAX_USERNAME_BYTES);
}

function unprintableField({ uid = '', extra }: Identity): string | undefined {
  if (!isPrintable(uid) || isLongerThan(uid, MAX_NAME_BYTES)) return 'uid';
  const key = Object.keys(extra).find((each) => !extra[each]?.every(isPrintable));
  return key === undefined ? undefined : `extra ${key}`;
}

function whyDropped(group: string, kept: ReadonlySet<string>, reserved: Reserved): DroppedGroup['why'] | undefined {
  if (group.trim() === '') return 'empty';
  if (!isPrintable(group)) return 'unprintable';
  if (isLongerThan(group, MAX_NAME_BYTES)) return 'too long';
  if (isReserved(group) && !reserved.groups.includes(group)) return 'reserved';
  return kept.has(group) ? 'duplicate' : undefined;
}

/** Why this text cannot be a username, or undefined when it can. */
export function usernameFault(username: string): RejectReason | undefined {
  if (username.trim() === '') return 'empty-username';
  if (!isPrintable(username)) return 'malformed-username';
  return isLongerThan(username, MAX_USERNAME_BYTES) ? 'malformed-username' : undefined;
}
