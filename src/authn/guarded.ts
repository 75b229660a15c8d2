// Keeps one provider from hurting anybody else: failed-password budget, circuit, concurrency and deadline, in that order.

import type { Bulkhead } from '../async/slots.ts';
import type { Authenticator, Review } from '../core/authenticator.ts';
import { describeReason } from '../core/reasons.ts';
import { type Unavailable, unavailable, type Verdict } from '../core/verdict.ts';
import type { Circuit } from './circuit.ts';
import { withDeadline } from './deadline.ts';
import type { FailedPasswords } from './failed-passwords.ts';

export interface Guards<T> {
  readonly timeoutMs: number;
  readonly bulkhead: Bulkhead;
  readonly circuit: Circuit;
  readonly failedPasswords: FailedPasswords<T>;
}

/** After the provider's deadline, how long it may take to name its reason before it is called a time-out. */
const GRACE_MS = 100;

/** Any authenticator, guarded; adds unavailable with `failed-password-budget`, `circuit-open`, `too-busy` or `timeout`. */
export function guarded<T>(inner: Authenticator<T>, guards: Guards<T>): Authenticator<T> {
  return {
    authenticate: (review, signal) => {
      const { credential } = review;
      if (credential.kind !== 'password') return admitted(inner, guards, review, signal);
      return guards.failedPasswords.spend(credential, () => admitted(inner, guards, review, signal));
    },
  };
}

async function admitted<T>(
  inner: Authenticator<T>,
  { circuit, bulkhead, timeoutMs }: Guards<T>,
  review: Review,
  signal: AbortSignal,
): Promise<Verdict<T>> {
  if (!circuit.allow()) return unavailable('circuit-open');
  const isProbe = circuit.state() === 'half-open';
  if (!(await bulkhead.enter())) {
    circuit.report(undefined);
    return unavailable('too-busy');
  }
  const run = async (deadline: AbortSignal): Promise<Verdict<T>> => {
    try {
      return await inner.authenticate(review, deadline);
    } finally {
      // Only now is the upstream really free of this review, whenever the caller was answered.
      bulkhead.leave();
    }
  };
  const patience = patienceOf(timeoutMs);
  const verdict = await withDeadline(run, { timeoutMs, graceMs: GRACE_MS }, signal);
  const outcome = transportOutcome(verdict, signal.aborted && !patience.isOver());
  patience.end();
  // What was asked before the circuit opened may still fail; whether the upstream is back is for the probe to find out.
  if (outcome === 'answered' || isProbe || circuit.state() === 'closed') circuit.report(outcome);
  return verdict;
}

interface Patience {
  isOver(): boolean;
  end(): void;
}

/** Half of a provider's time, at most half a second: an upstream that was silent for so long has had its chance. */
function patienceOf(timeoutMs: number): Patience {
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
    },
    Math.min(timeoutMs / 2, 500),
  );
  return { isOver: () => isOver, end: () => clearTimeout(timer) };
}

function transportOutcome(verdict: Verdict<unknown>, isCutShort: boolean): 'answered' | 'failed' | undefined {
  if (verdict.kind !== 'unavailable') return 'answered';
  // The review's own deadline left this provider next to no time: that says nothing about the upstream.
  if (isCutShort) return undefined;
  return isTransport(verdict) ? 'failed' : 'answered';
}

function isTransport({ reason }: Unavailable): boolean {
  return describeReason(reason).transport === true;
}
