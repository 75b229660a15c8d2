// Keeps one provider from hurting the others: failed-password budget, circuit, concurrency and deadline, in that order.

import type { Slots } from '../async/slots.ts';
import type { Authenticator, Review } from '../core/authenticator.ts';
import { describeReason } from '../core/reasons.ts';
import type { Clock } from '../core/seams.ts';
import { type Unavailable, unavailable, type Verdict } from '../core/verdict.ts';
import type { Call, CallEnd, Circuit } from './circuit.ts';
import { withDeadline } from './deadline.ts';
import type { FailedPasswords } from './failed-passwords.ts';

export interface Guards<T> {
  readonly timeoutMs: number;
  readonly slots: Slots;
  /** Of their own, so that no review waits for a sign-in. */
  readonly signInSlots: Slots;
  readonly circuit: Circuit;
  readonly failedPasswords: FailedPasswords<T>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Told how long a review waited for its slot, or in vain; not told where one was free. */
  readonly waited: (durationMs: number) => void;
}

/** After the provider's deadline, how long it may take to name its reason before it is called a time-out. */
const GRACE_MS = 100;

const CIRCUIT_OPEN: Unavailable = { ...unavailable('circuit-open'), isDown: true };

/** Any authenticator, guarded; adds unavailable with `failed-password-budget`, `circuit-open`, `too-busy` or `timeout`. */
export function guarded<T>(inner: Authenticator<T>, guards: Guards<T>): Authenticator<T> {
  return {
    authenticate: (review, signal) => {
      if (review.credential.kind !== 'password') return admitted(inner, guards, review, signal);
      return guards.failedPasswords.spend(review, (spending) => admitted(inner, guards, spending, signal));
    },
  };
}

/** A call of the upstream, and the signal that ends its time. */
interface Asked {
  readonly call: Call;
  readonly deadline: AbortSignal;
}

async function admitted<T>(
  inner: Authenticator<T>,
  guards: Guards<T>,
  review: Review,
  signal: AbortSignal,
): Promise<Verdict<T>> {
  const { circuit, clock, timeoutMs } = guards;
  if (!circuit.isPassable()) return CIRCUIT_OPEN;
  let asked: Asked | undefined;
  let isSpared = false;
  const noticed: Review = {
    ...review,
    spendOn: async (account) => {
      const spared = await review.spendOn?.(account);
      isSpared = spared !== undefined;
      return spared;
    },
  };
  const run = (deadline: AbortSignal): Promise<Verdict<T>> =>
    inTurn(guards, review, deadline, () => {
      const call = circuit.begin();
      if (call === undefined) return CIRCUIT_OPEN;
      asked = { call, deadline };
      return inner.authenticate(noticed, deadline);
    });
  const verdict = await withDeadline(run, { timeoutMs, graceMs: GRACE_MS }, signal);
  if (asked === undefined) return verdict;
  if (isSpared) {
    // What was remembered, or another call's outage, says nothing about the upstream now.
    asked.call.end(undefined);
    return verdict;
  }
  const isCutShort = asked.deadline.aborted && clock.monotonicMs() - asked.call.beganMs < patienceMs(timeoutMs);
  const end = callEnd(verdict, isCutShort);
  asked.call.end(end);
  return end === 'failed' && verdict.kind === 'unavailable' ? { ...verdict, isDown: true } : verdict;
}

/** Waits for a slot and holds it as long as the upstream is really busy with the review, whenever the caller was answered. */
async function inTurn<T>(
  { slots, signInSlots, clock, waited }: Guards<T>,
  review: Review,
  deadline: AbortSignal,
  ask: () => Promise<Verdict<T>> | Verdict<T>,
): Promise<Verdict<T>> {
  const lane = review.isSignIn === true ? signInSlots : slots;
  const turn = lane.enter(deadline);
  const sinceMs = clock.monotonicMs();
  const hasEntered = await turn;
  if (turn instanceof Promise) waited(clock.monotonicMs() - sinceMs);
  if (!hasEntered) return unavailable('too-busy');
  try {
    return await ask();
  } finally {
    lane.leave();
  }
}

/** Half of a provider's time, at most half a second: an upstream that was silent for so long has had its chance. */
function patienceMs(timeoutMs: number): number {
  return Math.min(timeoutMs / 2, 500);
}

function callEnd(verdict: Verdict<unknown>, isCutShort: boolean): CallEnd {
  if (verdict.kind !== 'unavailable') return 'answered';
  const { transport, local } = describeReason(verdict.reason);
  // A wait for a slot, or the review's own deadline, left next to no time: that says nothing about the upstream.
  if (isCutShort || local === true) return undefined;
  return transport === true ? 'failed' : 'answered';
}
