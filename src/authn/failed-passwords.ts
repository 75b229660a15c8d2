// Spares accounts: one evaluation of a wrong password per while, and a budget below the directory's own lockout.

import type { Review } from '../core/authenticator.ts';
import type { Fingerprinter } from '../core/fingerprint.ts';
import { canonicalName } from '../core/identity.ts';
import { describeReason } from '../core/reasons.ts';
import { type Abstained, type NotAuthenticated, type Rejected, unavailable, type Verdict } from '../core/verdict.ts';
import type { Attempt, SharedFailures } from '../stores/shared-failures.ts';
import type { PasswordKeys, PasswordMemory, Reservation } from './password-memory.ts';

export interface FailedPasswords<T> {
  /**
   * Runs `evaluate` unless this password of this name was refused a moment ago (that refusal again), or the name has used
   * up its budget (unavailable `failed-password-budget`). Calls with one password of one name wait for the first of them,
   * and share its verdict when it is bad. The review that `evaluate` gets has `spendOn`, which does the same for the account
   * that the provider found. Other reviews than those of passwords pass.
   */
  spend(review: Review, evaluate: (review: Review) => Promise<Verdict<T>>): Promise<Verdict<T>>;
}

export interface FailedPasswordSeams {
  readonly memory: PasswordMemory;
  readonly fingerprints: Fingerprinter;
  /** Where in the upstream names are looked up: the same name elsewhere is another one. */
  readonly within: string;
  /** Told of every review that the budget kept from the upstream. */
  readonly blocked: () => void;
  /** The count of all brokers together; absent: this one counts for itself. */
  readonly shared?: SharedFailures | undefined;
}

/** A name or an account whose budget an evaluation has spent. */
interface Spent {
  readonly keys: PasswordKeys;
  readonly reservation: Reservation;
  /** Absent where brokers share no count, or the store is lost. */
  readonly attempt: Attempt | undefined;
}

export function failedPasswords<T>(seams: FailedPasswordSeams): FailedPasswords<T> {
  const { running } = seams.memory;
  return {
    spend: async (review, evaluate) => {
      const name = nameKeys(review, seams);
      if (name === undefined) return evaluate(review);
      if (review.mayGuess === false && !seams.memory.isVerified(name)) {
        seams.blocked();
        return unavailable('failed-password-budget');
      }
      const { promise: ended, resolve: end } = Promise.withResolvers<Verdict<T>>();
      const first = await begin(name, seams, ended);
      if (!isSpent(first)) {
        end(first);
        return first;
      }
      const spent = [first];
      let isFromMemory = false;
      const spendOn = async (account: string): Promise<NotAuthenticated | undefined> => {
        const keys = accountKeys(account, review, seams);
        if (keys === undefined || spent.some(({ keys: { who } }) => who === keys.who)) return undefined;
        const next = await begin(keys, seams, ended);
        if (!isSpent(next)) {
          isFromMemory = true;
          return next;
        }
        spent.push(next);
        return undefined;
      };
      const verdict = await evaluate({ ...review, spendOn });
      for (const { keys } of spent) if (running.get(keys.password)?.ended === ended) running.delete(keys.password);
      const learned = learn(verdict, { spent, isFromMemory, review, memory: seams.memory });
      end(learned);
      return learned;
    },
  };
}

/**
 * Begins an evaluation under these keys, or gives the answer in its place. What is bad is shared with those that wait for it;
 * a refusal only for the same bytes, because another spelling of the name may be another user, to be evaluated itself.
 */
async function begin(
  keys: PasswordKeys,
  seams: FailedPasswordSeams,
  ended: Promise<Verdict<unknown>>,
): Promise<Spent | NotAuthenticated> {
  const { memory, shared } = seams;
  const { running } = memory;
  const other = running.get(keys.password);
  if (other !== undefined) {
    const verdict = await other.ended;
    if (verdict.kind === 'unavailable' || (wasRefused(verdict) && other.refusal === keys.refusal)) return verdict;
    if (!memory.isVerified(keys)) return begin(keys, seams, ended);
  }
  const refusal = memory.refusal(keys);
  if (refusal !== undefined) return refusal;
  if (!memory.isVerified(keys) && memory.isExhausted(keys)) return block(seams);
  if (!running.has(keys.password)) running.set(keys.password, { ended, refusal: keys.refusal });
  const reservation = memory.reserve(keys);
  const attempt = shared && (await shared.begin({ name: keys.who, password: keys.password }));
  if (attempt === undefined || attempt.isVerified || memory.isVerified(keys) || !memory.isOver(attempt)) {
    return { keys, reservation, attempt };
  }
  attempt.end('back');
  reservation.giveBack();
  reservation.end(false);
  memory.heard(keys, attempt.ofName - 1);
  if (running.get(keys.password)?.ended === ended) running.delete(keys.password);
  return block(seams);
}

function block({ blocked }: FailedPasswordSeams): NotAuthenticated {
  blocked();
  return unavailable('failed-password-budget');
}

interface Evaluated {
  readonly spent: readonly Spent[];
  /** The account was spared: the upstream evaluated nothing. */
  readonly isFromMemory: boolean;
  readonly review: Review;
  readonly memory: PasswordMemory;
}

function learn<T>(verdict: Verdict<T>, { spent, isFromMemory, review, memory }: Evaluated): Verdict<T> {
  const keys = spent.map((each) => each.keys);
  const isAccepted = verdict.kind === 'authenticated';
  const giveBack = (): void => {
    for (const { reservation, attempt } of spent) {
      reservation.giveBack();
      attempt?.end(isAccepted ? 'accepted' : 'back');
    }
  };
  for (const { reservation } of spent) reservation.end(isAccepted);
  if (wasRefused(verdict) && !isFromMemory) {
    memory.refused(keys, verdict);
    for (const { keys: each, attempt } of spent) {
      attempt?.end('refused');
      if (attempt !== undefined) memory.heard(each, attempt.ofName);
    }
    // The user of another provider, who is none here, has not guessed.
    review.onDecided?.((final) => {
      if (final.kind === 'authenticated') giveBack();
    });
    return verdict;
  }
  giveBack();
  return isAccepted ? { ...verdict, proof: memory.accepted(keys) } : verdict;
}

function isSpent(begun: Spent | NotAuthenticated): begun is Spent {
  return 'reservation' in begun;
}

function nameKeys({ credential }: Review, { fingerprints, within }: FailedPasswordSeams): PasswordKeys | undefined {
  if (credential.kind !== 'password') return undefined;
  const { username } = credential;
  const [name, password] = [canonicalName(username), credential.password.reveal()];
  return {
    who: fingerprints.of('failed-name', [within, name]),
    password: fingerprints.of('failed-password', [within, name, password]),
    refusal: fingerprints.of('refused-password', [within, username, password]),
  };
}

/** An account is one wherever its name was looked up. */
function accountKeys(
  account: string,
  { credential }: Review,
  { fingerprints }: FailedPasswordSeams,
): PasswordKeys | undefined {
  if (credential.kind !== 'password') return undefined;
  const name = canonicalName(account);
  const password = fingerprints.of('failed-account-password', [name, credential.password.reveal()]);
  return { who: fingerprints.of('failed-account', [name]), password, refusal: password };
}

/** True when the upstream looked at the password, or at the name, and did not accept it. */
export function wasRefused(verdict: Verdict<unknown>): verdict is Abstained | Rejected {
  if (verdict.kind !== 'rejected' && verdict.kind !== 'abstained') return false;
  return describeReason(verdict.reason).evaluated === true;
}
