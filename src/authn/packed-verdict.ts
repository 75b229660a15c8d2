// A verdict as it is remembered: one object instead of eight, and what many people have in common kept once.

import type { Decision, Identity } from '../core/identity.ts';
import type { Authenticated } from '../core/verdict.ts';
import { CREDENTIAL_ID_KEY } from './mapping/identity.ts';

export interface PackedVerdict {
  readonly username: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  /** Without the credential-id. */
  readonly extra: Identity['extra'];
  readonly credentialIds: readonly string[] | string | undefined;
  readonly audiences: readonly string[] | undefined;
  readonly by: string | undefined;
  readonly proof: Authenticated<Decision>['proof'];
  /** What few verdicts have. */
  readonly more: Partial<Authenticated<Decision>> | undefined;
}

/** Pure but for what `same` remembers of extras and audiences. */
export function packed(given: Authenticated<Decision>, groups: readonly string[], same: Same): PackedVerdict {
  const { kind: _, value, by, proof, ...more } = given;
  const { username, uid, extra } = value.identity;
  const { [CREDENTIAL_ID_KEY]: ids, ...others } = extra;
  const [only] = ids ?? [];
  return {
    username: flat(username),
    uid,
    groups,
    extra: same(others),
    credentialIds: ids?.length === 1 && only !== undefined ? flat(only) : ids,
    audiences: value.audiences && same(value.audiences),
    by,
    proof,
    more: Object.keys(more).length > 0 ? more : undefined,
  };
}

export function unpacked(verdict: PackedVerdict): Authenticated<Decision> {
  const { username, uid, groups, extra, credentialIds: ids, audiences, by, proof, more } = verdict;
  const whole = ids === undefined ? extra : { ...extra, [CREDENTIAL_ID_KEY]: typeof ids === 'string' ? [ids] : ids };
  const identity = uid === undefined ? { username, groups, extra: whole } : { username, uid, groups, extra: whole };
  return {
    kind: 'authenticated',
    value: audiences === undefined ? { identity } : { identity, audiences },
    ...(by !== undefined && { by }),
    ...(proof && { proof }),
    ...more,
  };
}

/** An earlier value that is written the same, or this one. */
export type Same = <T extends object>(value: T) => T;

/** So many different ones are kept; then it begins anew. */
const DIFFERENT = 1000;

export function sameValues(): Same {
  const known = new Map<string, object>();
  return <T extends object>(value: T): T => {
    const written = JSON.stringify(value);
    const before = known.get(written);
    // oxlint-disable-next-line no-unsafe-type-assertion -- what is written the same has the same type
    if (before !== undefined) return before as T;
    if (known.size >= DIFFERENT) known.clear();
    known.set(written, value);
    return value;
  };
}

/** A text put together of others keeps them all in memory, and itself once it was written out. */
function flat(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
