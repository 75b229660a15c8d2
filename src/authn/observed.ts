// One metric sample and one log line around any provider of a chain.

import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Decision } from '../core/identity.ts';
import { describeReason } from '../core/reasons.ts';
import type { Clock, Log } from '../core/seams.ts';
import { reasonOf, type Unavailable, type Verdict } from '../core/verdict.ts';
import { errorCode } from '../text/error-code.ts';

/** What is told of each provider's part in a review. */
export interface ProviderObserver {
  /** `durationMs` of the provider's whole part. */
  answered(provider: string, verdict: Verdict<unknown>, durationMs: number): void;
}

/** An outage repeats with every review: one line says it, at most one in this time per provider and reason. */
const LINE_EVERY_MS = 10_000;

export function observed(
  name: string,
  inner: Authenticator<Decision>,
  observer: ProviderObserver,
  seams: { readonly clock: Clock; readonly log: Log },
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
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): (review: Review, verdict: Unavailable) => void {
  const last = new Map<string, { atMs: number; left: number }>();
  return (review, { reason, detail, cause }) => {
    const nowMs = clock.monotonicMs();
    const line = last.get(reason);
    if (line !== undefined && nowMs - line.atMs < LINE_EVERY_MS) {
      line.left += 1;
      return;
    }
    last.set(reason, { atMs: nowMs, left: 0 });
    const { meaning, next } = describeReason(reason);
    log('warn', 'provider unavailable', {
      id: review.id,
      provider,
      reason,
      detail,
      code: errorCode(cause) ?? (cause instanceof Error ? cause.name : undefined),
      meaning,
      next,
      ...(line !== undefined && line.left > 0 && { suppressed: line.left }),
    });
  };
}
