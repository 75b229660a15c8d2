// One metric sample and one log line around any provider of a chain.

import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Decision } from '../core/identity.ts';
import { describeReason, type NextSteps } from '../core/reasons.ts';
import type { Clock, Log, SeldomLog } from '../core/seams.ts';
import { reasonOf, type Unavailable, type Verdict } from '../core/verdict.ts';
import { errorCode } from '../text/error-code.ts';

/** What is told of each provider's part in a review. */
export interface ProviderObserver {
  /** `durationMs` of the provider's whole part. */
  answered(provider: string, verdict: Verdict<unknown>, durationMs: number): void;
}

export interface ObservedSeams {
  readonly clock: Clock;
  readonly log: Log;
  readonly seldom: SeldomLog;
  /** Of the provider's type. */
  readonly nextSteps?: NextSteps;
}

export function observed(
  name: string,
  inner: Authenticator<Decision>,
  observer: ProviderObserver,
  seams: ObservedSeams,
): Authenticator<Decision> {
  const warn = outageLog(name, seams);
  return {
    authenticate: async (review, signal) => {
      const startedMs = seams.clock.monotonicMs();
      const verdict = await inner.authenticate(review, signal);
      const durationMs = seams.clock.monotonicMs() - startedMs;
      observer.answered(name, verdict, durationMs);
      review.trace?.({ step: 'verdict', provider: name, verdict, durationMs });
      if (verdict.kind === 'unavailable') warn(review, verdict);
      seams.log('debug', 'provider', {
        id: review.id,
        provider: name,
        verdict: verdict.kind,
        reason: reasonOf(verdict),
        detail: verdict.detail,
        durationMs: Math.round(durationMs * 1000) / 1000,
      });
      return verdict;
    },
  };
}

function outageLog(
  provider: string,
  { seldom, nextSteps }: ObservedSeams,
): (review: Review, verdict: Unavailable) => void {
  return ({ id }, { reason, detail, cause }) => {
    const { meaning, next } = describeReason(reason, nextSteps);
    const code = errorCode(cause) ?? (cause instanceof Error ? cause.name : undefined);
    seldom(reason, 'warn', 'provider unavailable', { id, provider, reason, detail, code, meaning, next });
  };
}
