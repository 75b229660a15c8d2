// What is remembered of passwords that an upstream has evaluated: refusals, counts, and recent successes.

import { LRUCache } from 'lru-cache';
import type { PasswordCredential } from '../core/credential.ts';
import type { Fingerprinter } from '../core/fingerprint.ts';
import { canonicalName } from '../core/identity.ts';
import { describeReason } from '../core/reasons.ts';
import type { Verdict } from '../core/verdict.ts';
import { type FailureCounts, failureCounts } from './failure-counts.ts';

export interface FailedPasswordSettings {
  /** Evaluated and not accepted passwords per name within the window; more are not evaluated. */
  readonly max: number;
  readonly windowMs: number;
  /** How long one refused password is answered from memory, whatever spelling of the name asks; 0: not at all. */
  readonly rejectedTTLMs: number;
}

/** Fingerprints of a name, however it is spelled, and of that name with one password. */
export interface PasswordKeys {
  readonly name: string;
  readonly password: string;
}

export interface PasswordMemory<T> {
  /** The refusal of this very password, when it is fresh. */
  refusal(keys: PasswordKeys): Verdict<T> | undefined;
  isVerified(keys: PasswordKeys): boolean;
  /** True when one more evaluation could bring the account near the directory's own lockout. */
  isExhausted(keys: PasswordKeys): boolean;
  /** Counts an evaluation before it is made; the returned function learns from its verdict. */
  reserve(keys: PasswordKeys): (verdict: Verdict<T>) => void;
}

/** A password that the upstream accepted this recently is let through even when a sprayer has used up the budget. */
const VERIFIED_FOR_MS = 3_600_000;
const REMEMBERED = 10_000;

/** What outlives a reload: who failed and who proved a password, as fingerprints; never a verdict. */
export interface PasswordHistory {
  readonly failures: FailureCounts;
  readonly verified: LRUCache<string, true>;
  /** Evaluations under way, per name; bounded by the concurrency of the provider. */
  readonly pending: Map<string, number>;
}

export function passwordHistory(windowMs: number, monotonicMs: () => number): PasswordHistory {
  const perf = { now: monotonicMs };
  return {
    failures: failureCounts(windowMs, monotonicMs),
    verified: new LRUCache({ max: REMEMBERED, ttl: VERIFIED_FOR_MS, ttlResolution: 0, perf }),
    pending: new Map(),
  };
}

export function passwordMemory<T>(
  settings: FailedPasswordSettings,
  monotonicMs: () => number,
  history: PasswordHistory = passwordHistory(settings.windowMs, monotonicMs),
): PasswordMemory<T> {
  const { failures, verified, pending } = history;
  const perf = { now: monotonicMs };
  const refused = new LRUCache<string, Verdict<T>>({ max: REMEMBERED, ttlResolution: 0, perf });
  const count = (name: string, change: 1 | -1): number => {
    const left = (pending.get(name) ?? 0) + change;
    if (left === 0) pending.delete(name);
    else pending.set(name, left);
    return left;
  };
  // One stale password in a loop may use up half of the budget only: the rest is for the person typing the new one, and a
  // forgotten kubeconfig never reaches the directory's own threshold.
  const samePassword = settings.rejectedTTLMs >= 1 ? Math.ceil(settings.max / 2) : settings.max;
  const learn = (keys: PasswordKeys, verdict: Verdict<T>, isAlone: boolean): void => {
    if (verdict.kind === 'authenticated') {
      // What is being evaluated at this moment may still fail, and then the directory counts it after this success.
      if (isAlone) failures.clear(keys.name);
      failures.clear(keys.password);
      refused.delete(keys.password);
      verified.set(keys.password, true);
    } else if (wasRefused(verdict)) {
      verified.delete(keys.password);
      if (settings.rejectedTTLMs >= 1) refused.set(keys.password, verdict, { ttl: settings.rejectedTTLMs });
    }
  };
  return {
    refusal: (keys) => refused.get(keys.password),
    isVerified: (keys) => verified.has(keys.password),
    isExhausted: (keys) => failures.count(keys.name) >= settings.max || failures.count(keys.password) >= samePassword,
    reserve: (keys) => {
      const takeBack = [failures.add(keys.name), failures.add(keys.password)];
      count(keys.name, 1);
      return (verdict) => {
        if (!wasRefused(verdict)) for (const undo of takeBack) undo();
        learn(keys, verdict, count(keys.name, -1) === 0);
      };
    },
  };
}

export function passwordKeys({ username, password }: PasswordCredential, fingerprints: Fingerprinter): PasswordKeys {
  const name = canonicalName(username);
  return {
    name: fingerprints.of('failed-name', [name]),
    password: fingerprints.of('failed-password', [name, password.reveal()]),
  };
}

/** True when the upstream looked at the password and did not accept it. */
export function wasRefused(verdict: Verdict<unknown>): boolean {
  if (verdict.kind !== 'rejected' && verdict.kind !== 'abstained') return false;
  return describeReason(verdict.reason).evaluated === true;
}
