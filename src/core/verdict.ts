// The four verdicts: everything an authenticator can say, and how two of them rank.

import type { AbstainReason, OutageReason, Reason, RejectReason } from './reasons.ts';

/** Milliseconds since 1970 on the wall clock. */
export type EpochMs = number;

interface Noted {
  /** Name of the provider that decided; the chain fills it in. */
  readonly by?: string;
  /** Words for the log and `explain`: which rule, which address, which code. Never a secret, never sent to the caller. */
  readonly detail?: string;
  /** Why the upstream could not be asked, where something that was known before decided all the same. */
  readonly upstream?: Unavailable;
}

/** That an upstream accepted a password; a later refusal of it withdraws the proof, whatever spelling of the name was refused. */
export interface Proof {
  readonly isWithdrawn: boolean;
}

export interface Authenticated<T> extends Noted {
  readonly kind: 'authenticated';
  readonly value: T;
  /** When the credential itself ends; absent when it does not say. */
  readonly expiresAt?: EpochMs;
  /** Not to be remembered: what it rests on may change at any moment, and asking again costs no upstream. */
  readonly isVolatile?: true;
  /** What it rests on: no longer good from memory once that is withdrawn. */
  readonly proof?: Proof;
}

/** Not mine: ask the next one. */
export interface Abstained extends Noted {
  readonly kind: 'abstained';
  readonly reason: AbstainReason;
}

/** Mine, and it is bad. */
export interface Rejected extends Noted {
  readonly kind: 'rejected';
  readonly reason: RejectReason;
}

/** Could not tell. */
export interface Unavailable extends Noted {
  readonly kind: 'unavailable';
  readonly reason: OutageReason;
  /** The error behind it, for the log's error code; it is never printed whole. */
  readonly cause?: unknown;
  /** The upstream itself could not be reached or was silent, now or a moment ago; the guards fill it in. */
  readonly isDown?: true;
  /** Every provider of the chain that could not tell, and those of them whose upstream is down; the chain fills them in. */
  readonly providers?: readonly string[];
  readonly down?: readonly string[];
}

/** Exactly one of four; it never travels as null, boolean or exception. */
export type Verdict<T> = Authenticated<T> | Abstained | Rejected | Unavailable;
export type NotAuthenticated = Abstained | Rejected | Unavailable;
export type VerdictKind = Verdict<unknown>['kind'];

export function authenticated<T>(value: T, expiresAt?: EpochMs): Authenticated<T> {
  return expiresAt === undefined ? { kind: 'authenticated', value } : { kind: 'authenticated', value, expiresAt };
}

export function abstained(reason: AbstainReason, detail?: string): Abstained {
  return detail === undefined ? { kind: 'abstained', reason } : { kind: 'abstained', reason, detail };
}

export function rejected(reason: RejectReason, detail?: string): Rejected {
  return detail === undefined ? { kind: 'rejected', reason } : { kind: 'rejected', reason, detail };
}

export function unavailable(reason: OutageReason, detail?: string, cause?: unknown): Unavailable {
  return {
    kind: 'unavailable',
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** The label of a verdict's reason; an authenticated one has `ok`. */
export function reasonOf(verdict: Verdict<unknown>): Reason | 'ok' {
  return verdict.kind === 'authenticated' ? 'ok' : verdict.reason;
}

const RANK: Readonly<Record<VerdictKind, number>> = { abstained: 0, rejected: 1, unavailable: 2, authenticated: 3 };

/** True when `a` outranks `b` in a chain: authenticated > unavailable > rejected > abstained. */
export function outranks(a: Verdict<unknown>, b: Verdict<unknown>): boolean {
  return RANK[a.kind] > RANK[b.kind];
}
