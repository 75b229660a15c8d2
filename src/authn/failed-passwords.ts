// Spares accounts: one evaluation of a wrong password per while, and a budget below the directory's own lockout.

import type { PasswordCredential } from '../core/credential.ts';
import type { Fingerprinter } from '../core/fingerprint.ts';
import { unavailable, type Verdict } from '../core/verdict.ts';
import { type PasswordKeys, type PasswordMemory, passwordKeys, wasRefused } from './password-memory.ts';

export interface FailedPasswords<T> {
  /**
   * Runs `evaluate` unless this password of this name was refused a moment ago (that refusal again), or the name has used
   * up its budget (unavailable `failed-password-budget`). Calls with one password of one name wait for the first of them,
   * and share its verdict when it is bad.
   */
  spend(credential: PasswordCredential, evaluate: () => Promise<Verdict<T>>): Promise<Verdict<T>>;
}

/** `blocked` is told of every review that the budget kept from the upstream. */
export function failedPasswords<T>(
  memory: PasswordMemory<T>,
  fingerprints: Fingerprinter,
  blocked: () => void,
): FailedPasswords<T> {
  const running = new Map<string, Promise<Verdict<T>>>();
  const evaluateOnce = async (keys: PasswordKeys, evaluate: () => Promise<Verdict<T>>): Promise<Verdict<T>> => {
    const learn = memory.reserve(keys);
    const verdict = await evaluate();
    learn(verdict);
    return verdict;
  };
  const attempt = async (keys: PasswordKeys, evaluate: () => Promise<Verdict<T>>): Promise<Verdict<T>> => {
    const other = running.get(keys.password);
    if (other !== undefined) {
      const verdict = await other;
      // Only what is bad is shared: another spelling of the name may be another user, to be evaluated itself.
      if (wasRefused(verdict) || verdict.kind === 'unavailable') return verdict;
      return memory.isVerified(keys) ? evaluateOnce(keys, evaluate) : attempt(keys, evaluate);
    }
    const refusal = memory.refusal(keys);
    if (refusal !== undefined) return refusal;
    if (!memory.isVerified(keys) && memory.isExhausted(keys)) {
      blocked();
      return unavailable('failed-password-budget');
    }
    const run = evaluateOnce(keys, evaluate).finally(() => running.delete(keys.password));
    running.set(keys.password, run);
    return run;
  };
  return { spend: (credential, evaluate) => attempt(passwordKeys(credential, fingerprints), evaluate) };
}
