// What is remembered of passwords that an upstream has evaluated: refusals, counts, and recent successes.

import type { Accounts } from '../core/provider.ts';
import type { NotAuthenticated, Proof, Verdict } from '../core/verdict.ts';
import { VERIFIED_FOR_MS } from '../stores/shared-failures.ts';
import { type ExpiringMap, expiringMap } from './expiring-map.ts';
import { type FailureCounts, failureCounts } from './failure-counts.ts';

export interface FailedPasswordSettings {
  /** Evaluated and not accepted passwords of one name, and of one account, within the window; more are not evaluated. */
  readonly max: number;
  readonly windowMs: number;
  /** How long one refused password is answered from memory; 0: not at all. */
  readonly rejectedTTLMs: number;
  /** How long a verdict on an accepted password may be served, stale time included: its proof is kept as long. */
  readonly acceptedTTLMs: number;
}

/** Fingerprints of whom a password is tried on: a name, however it is spelled, or the account that was found for it. */
export interface PasswordKeys {
  readonly who: string;
  /** `who` with this password. */
  readonly password: string;
  /** Under which a refusal is remembered: the exact bytes of the name, or the account, with this password. */
  readonly refusal: string;
}

export interface PasswordMemory {
  readonly running: Map<string, Running>;
  /** The refusal of this very password, when it is fresh. */
  refusal(keys: PasswordKeys): NotAuthenticated | undefined;
  isVerified(keys: PasswordKeys): boolean;
  /** True when one more evaluation could bring the account near the directory's own lockout. */
  isExhausted(keys: PasswordKeys): boolean;
  /** As {@link isExhausted}, by the count of all brokers, in which this evaluation is counted already. */
  isOver(attempt: { readonly ofName: number; readonly ofPassword: number }): boolean;
  /** What all brokers together had counted: goes on to hold when their store is lost. */
  heard(keys: PasswordKeys, failures: number): void;
  /** Counts an evaluation before it is made. */
  reserve(keys: PasswordKeys): Reservation;
  /** Under all of the keys: the proof that what was told of this password may rest on. */
  accepted(keys: readonly PasswordKeys[]): Proof;
  /** Withdraws the proofs of this password under all of the keys, and remembers the refusal. */
  refused(keys: readonly PasswordKeys[], verdict: NotAuthenticated): void;
}

export interface Reservation {
  /** The evaluation was no failure: it does not count. May be called more than once. */
  giveBack(): void;
  /** The evaluation has ended. An accepted password forgets the failures, unless another evaluation is under way: that one may still fail, and then the directory counts it after this success. */
  end(isAccepted: boolean): void;
}

const REMEMBERED = 10_000;

interface Verified {
  readonly proof: { isWithdrawn: boolean };
  readonly atMs: number;
}

/** An evaluation under way, for those that wait for its end. */
export interface Running {
  readonly ended: Promise<Verdict<unknown>>;
  /** Of the keys under which it was begun. */
  readonly refusal: string;
}

/** What outlives a reload, and is shared by all providers of the same accounts: only fingerprints, never a verdict. */
export interface PasswordHistory {
  /** Of names and accounts. */
  readonly failures: FailureCounts;
  /** Of one password of a name or account: how often it was evaluated within the window, and not accepted. */
  readonly repeats: ExpiringMap<number>;
  readonly verified: ExpiringMap<Verified>;
  /** What brokers that share a count have counted together, when this one last heard of it. */
  readonly elsewhere: ExpiringMap<number>;
  /** Evaluations under way, per name and account; bounded by the concurrency of the providers. */
  readonly pending: Map<string, number>;
  /** The first evaluation under way of each password of a name or account. */
  readonly running: Map<string, Running>;
}

export function passwordHistory(windowMs: number, monotonicMs: () => number): PasswordHistory {
  return {
    failures: failureCounts(windowMs, monotonicMs),
    repeats: expiringMap(REMEMBERED, monotonicMs),
    verified: expiringMap(REMEMBERED, monotonicMs),
    elsewhere: expiringMap(REMEMBERED, monotonicMs),
    pending: new Map(),
    running: new Map(),
  };
}

export function passwordMemory(
  settings: FailedPasswordSettings,
  monotonicMs: () => number,
  history: PasswordHistory = passwordHistory(settings.windowMs, monotonicMs),
): PasswordMemory {
  const { failures, repeats, verified, elsewhere } = history;
  const refusals = expiringMap<NotAuthenticated>(REMEMBERED, monotonicMs);
  // One stale password in a loop may use up half of the budget only: the rest is for the person typing the new one, and a
  // forgotten kubeconfig never reaches the directory's own threshold.
  const samePassword = settings.rejectedTTLMs >= 1 ? Math.ceil(settings.max / 2) : settings.max;
  return {
    running: history.running,
    refusal: (keys) => refusals.get(keys.refusal),
    isVerified: ({ password }) =>
      monotonicMs() - (verified.get(password)?.atMs ?? Number.NEGATIVE_INFINITY) < VERIFIED_FOR_MS,
    isExhausted: ({ who, password }) =>
      Math.max(failures.count(who), elsewhere.get(who) ?? 0) >= settings.max ||
      (repeats.get(password) ?? 0) >= samePassword,
    isOver: ({ ofName, ofPassword }) => ofName > settings.max || ofPassword > samePassword,
    heard: ({ who }, count) => elsewhere.set(who, count, settings.windowMs),
    reserve: (keys) => reservation(history, keys, settings.windowMs),
    accepted: (all) => {
      const proof = proofOf(all, verified);
      const ttlMs = Math.max(VERIFIED_FOR_MS, settings.acceptedTTLMs);
      for (const { who, password, refusal } of all) {
        elsewhere.delete(who);
        repeats.delete(password);
        refusals.delete(refusal);
        verified.set(password, { proof, atMs: monotonicMs() }, ttlMs);
      }
      return proof;
    },
    refused: (all, verdict) => {
      for (const { password, refusal } of all) {
        const known = verified.get(password);
        if (known !== undefined) known.proof.isWithdrawn = true;
        verified.delete(password);
        refusals.set(refusal, verdict, settings.rejectedTTLMs);
      }
    },
  };
}

/** One proof for a password under all of its keys, as long as it was not withdrawn. */
function proofOf(keys: readonly PasswordKeys[], verified: PasswordHistory['verified']): Verified['proof'] {
  const known = keys.map(({ password }) => verified.get(password)?.proof);
  return known.find((proof) => proof?.isWithdrawn === false) ?? { isWithdrawn: false };
}

function reservation(history: PasswordHistory, { who, password }: PasswordKeys, windowMs: number): Reservation {
  const { failures, repeats, pending } = history;
  const undo = failures.add(who);
  let isCounted = true;
  repeats.set(password, (repeats.get(password) ?? 0) + 1, windowMs);
  pending.set(who, (pending.get(who) ?? 0) + 1);
  return {
    giveBack: () => {
      if (!isCounted) return;
      isCounted = false;
      undo();
      repeats.set(password, Math.max(0, (repeats.get(password) ?? 0) - 1), windowMs);
    },
    end: (isAccepted) => {
      const left = (pending.get(who) ?? 1) - 1;
      if (left > 0) pending.set(who, left);
      else pending.delete(who);
      if (isAccepted && left <= 0) failures.clear(who);
    },
  };
}

/** Takes part in the history of these accounts until it is released. */
export interface HistoryLease {
  readonly history: PasswordHistory;
  readonly release: () => void;
}

/**
 * The histories of the process, kept by what they guard and not by a provider's name or other options, so that a reload hands
 * out no new budget; freed with the last provider that uses them. Upstreams are one as soon as they share an address.
 */
export type PasswordHistories = (type: string, accounts: Accounts, windowMs: number) => HistoryLease;

interface Held {
  readonly history: PasswordHistory;
  readonly windowMs: number;
  users: number;
}

export function passwordHistories(monotonicMs: () => number): PasswordHistories {
  const held = new Map<string, Held>();
  return (type, { upstream }, windowMs) => {
    const addresses = upstream.map((address) => `${type} ${address}`);
    const known = addresses.map((address) => held.get(address)).find((each) => each?.windowMs === windowMs);
    const mine = known ?? { history: passwordHistory(windowMs, monotonicMs), windowMs, users: 0 };
    mine.users += 1;
    for (const address of addresses) if (held.get(address)?.windowMs !== windowMs) held.set(address, mine);
    const release = (): void => {
      mine.users -= 1;
      if (mine.users > 0) return;
      for (const [address, each] of held) if (each === mine) held.delete(address);
    };
    return { history: mine.history, release };
  };
}
