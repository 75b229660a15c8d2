// Spares accounts: one evaluation of a wrong password per while, and a budget below the directory's own lockout.

import type { Review, StoreWait } from '../core/authenticator.ts';
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
  return {
    spend: async (review, evaluate) => {
      const name = nameKeys(review, seams);
      if (name === undefined) return evaluate(review);
      if (review.mayGuess === false && !seams.memory.isVerified(name)) return block(seams);
      const { promise: ended, resolve: end } = Promise.withResolvers<Verdict<T>>();
      const first = await begin(name, seams, ended, review.storeWait);
      if (!isSpent(first)) {
        end(first);
        return first;
      }
      const evaluated: Evaluated = { spent: [first], isFromMemory: false, isOver: false, review };
      const spendOn = (account: string): Promise<NotAuthenticated | undefined> =>
        spendOnAccount(account, evaluated, seams, ended);
      const verdict = await evaluate({ ...review, spendOn });
      evaluated.isOver = true;
      for (const { keys } of evaluated.spent) leave(keys, seams, ended);
      const learned = learn(verdict, evaluated, seams.memory);
      end(learned);
      return learned;
    },
  };
}

/** Spends on the account that the provider found what was spent on the name; the answer in its place when that is known. */
async function spendOnAccount(
  account: string,
  evaluated: Evaluated,
  seams: FailedPasswordSeams,
  ended: Promise<Verdict<unknown>>,
): Promise<NotAuthenticated | undefined> {
  const keys = accountKeys(account, evaluated.review, seams);
  if (keys === undefined || evaluated.spent.some(({ keys: { who } }) => who === keys.who)) return undefined;
  // The caller may have been answered while this one waited, here or in the provider: nobody ends what begins now.
  if (evaluated.isOver) return unavailable('timeout');
  const next = await begin(keys, seams, ended, evaluated.review.storeWait);
  if (!isSpent(next)) {
    evaluated.isFromMemory = true;
    return next;
  }
  if (evaluated.isOver) {
    undo(next, seams, ended);
    return unavailable('timeout');
  }
  evaluated.spent.push(next);
  return undefined;
}

/**
 * Begins an evaluation under these keys, or gives the answer in its place. What is bad is shared with those that wait for it;
 * a refusal only for the same bytes, because another spelling of the name may be another user, to be evaluated itself.
 */
async function begin(
  keys: PasswordKeys,
  seams: FailedPasswordSeams,
  ended: Promise<Verdict<unknown>>,
  wait: StoreWait | undefined,
): Promise<Spent | NotAuthenticated> {
  const { memory, shared } = seams;
  const { running } = memory;
  const other = running.get(keys.password);
  if (other !== undefined) {
    const verdict = await other.ended;
    if (verdict.kind === 'unavailable' || (wasRefused(verdict) && other.refusal === keys.refusal)) return verdict;
    if (!memory.isVerified(keys)) return begin(keys, seams, ended, wait);
  }
  const refusal = memory.refusal(keys);
  if (refusal !== undefined) return refusal;
  if (!memory.isVerified(keys) && memory.isExhausted(keys)) return block(seams);
  if (!running.has(keys.password)) running.set(keys.password, { ended, refusal: keys.refusal });
  const reservation = memory.reserve(keys);
  const attempt = shared && (await shared.begin({ name: keys.who, password: keys.password }, wait));
  if (attempt === undefined || attempt.isVerified || memory.isVerified(keys) || !memory.isOver(attempt)) {
    return { keys, reservation, attempt };
  }
  undo({ keys, reservation, attempt }, seams, ended);
  memory.heard(keys, attempt.ofName - 1);
  return block(seams);
}

/** As if it had never begun. */
function undo(
  { keys, reservation, attempt }: Spent,
  seams: FailedPasswordSeams,
  ended: Promise<Verdict<unknown>>,
): void {
  attempt?.end('back');
  reservation.giveBack();
  reservation.end(false);
  leave(keys, seams, ended);
}

/** Nobody waits for this evaluation from now on. */
function leave(
  { password }: PasswordKeys,
  { memory: { running } }: FailedPasswordSeams,
  ended: Promise<Verdict<unknown>>,
): void {
  if (running.get(password)?.ended === ended) running.delete(password);
}

function block({ blocked }: FailedPasswordSeams): NotAuthenticated {
  blocked();
  return unavailable('failed-password-budget');
}

/** One evaluation, from the first that was spent to the verdict. */
interface Evaluated {
  readonly review: Review;
  readonly spent: Spent[];
  /** The account was spared: the upstream evaluated nothing. */
  isFromMemory: boolean;
  /** The verdict is there. */
  isOver: boolean;
}

function learn<T>(verdict: Verdict<T>, { spent, isFromMemory, review }: Evaluated, memory: PasswordMemory): Verdict<T> {
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
