// A guard of failed passwords whose evaluations a test answers.

import { randomBytes } from 'node:crypto';
import { failedPasswords } from '../../src/authn/failed-passwords.ts';
import { type FailedPasswordSettings, type PasswordHistory, passwordMemory } from '../../src/authn/password-memory.ts';
import type { Review } from '../../src/core/authenticator.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import { authenticated, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import type { SharedFailures } from '../../src/stores/shared-failures.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { reviewOf } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

export const fingerprints = fingerprinter(newFingerprintKey(randomBytes), '1');
export const SETTINGS: FailedPasswordSettings = {
  max: 5,
  windowMs: 300_000,
  rejectedTTLMs: 10_000,
  acceptedTTLMs: 60_000,
};
export const WRONG = rejected('wrong-password');
export const RIGHT = authenticated('alice');
export const BUDGET = unavailable('failed-password-budget');

export interface Guard {
  readonly clock: FakeClock;
  readonly blocked: () => number;
  /** `name:password` of every evaluation. */
  readonly evaluated: readonly string[];
  /** Answers with the verdict, or with what comes later. `as`: the account that is found for the name. */
  attempt(
    login: string,
    verdict: Given,
    how?: { readonly as?: string } & Pick<Review, 'onDecided' | 'mayGuess'>,
  ): Promise<Verdict<string>>;
}

type Given = Verdict<string> | Promise<Verdict<string>>;

export function guardOf(
  change: Partial<FailedPasswordSettings> = {},
  history?: PasswordHistory,
  within = '',
  shared?: SharedFailures,
): Guard {
  const clock = fakeClock();
  const evaluated: string[] = [];
  let blocked = 0;
  const memory = passwordMemory({ ...SETTINGS, ...change }, clock.monotonicMs, history);
  const guard = failedPasswords<string>({ memory, fingerprints, within, shared, blocked: () => (blocked += 1) });
  return {
    clock,
    evaluated,
    blocked: () => blocked,
    attempt: async (login, verdict, { as, ...how } = {}) => {
      const [username = '', password = ''] = login.split(':');
      const review = reviewOf({ username, password, ...how });
      const { proof: _proof, ...told } = {
        proof: undefined,
        ...(await guard.spend(review, async ({ spendOn }) => {
          const instead = as === undefined ? undefined : await spendOn?.(as);
          if (instead !== undefined) return instead;
          evaluated.push(login);
          return verdict;
        })),
      };
      return told;
    },
  };
}

export const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);
export const wrongly = (guard: Guard, logins: readonly string[]) =>
  inOrder(logins, (login) => guard.attempt(login, WRONG));
export const DIFFERENT = ['alice:1', 'alice:2', 'alice:3', 'alice:4', 'alice:5'];
