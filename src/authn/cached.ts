// One evaluation for any number of concurrent reviews of one credential, its verdict remembered briefly.

import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Fingerprint } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import { unavailable, type Verdict } from '../core/verdict.ts';
import { withDeadline } from './deadline.ts';
import type { VerdictStore } from './verdict-store.ts';

/** How an answer was found: remembered, evaluated, evaluated for somebody else at the same time, or kept past its TTL. */
export type CacheResult = 'hit' | 'miss' | 'shared' | 'stale';

export interface Answer {
  readonly verdict: Verdict<Decision>;
  readonly cache: CacheResult;
}

export interface CachedAuthenticator extends Authenticator<Decision> {
  /** The answer at once when it is remembered, else a promise of it that never rejects. */
  review(review: Review): Answer | Promise<Answer>;
}

export interface LookupLimits {
  /** One lookup, all providers. */
  readonly reviewTimeoutMs: number;
  /** Lookups in flight; more are unavailable (`overloaded`) at once. Remembered verdicts are always served. */
  readonly concurrentReviews: number;
}

/** The review's deadline is spent by then; what is left is for providers to name their reason. */
const GRACE_MS = 200;

/** A lookup belongs to no caller: one that leaves fails nobody else, and its verdict is remembered all the same. */
export function cached(
  inner: Authenticator<Decision>,
  store: VerdictStore,
  { reviewTimeoutMs, concurrentReviews }: LookupLimits,
): CachedAuthenticator {
  const inFlight = new Map<Fingerprint, Promise<Answer>>();
  const lookUp = async (review: Review): Promise<Answer> => {
    const deadline = { timeoutMs: reviewTimeoutMs, graceMs: GRACE_MS };
    const verdict = await withDeadline((signal) => inner.authenticate(review, signal), deadline);
    inFlight.delete(review.fingerprint);
    if (verdict.kind === 'unavailable') {
      const stale = store.stale(review.fingerprint, verdict);
      return stale === undefined ? { verdict, cache: 'miss' } : { verdict: stale, cache: 'stale' };
    }
    if (verdict.kind !== 'authenticated' || verdict.isVolatile !== true) store.remember(review.fingerprint, verdict);
    return { verdict, cache: 'miss' };
  };
  const answer = (review: Review): Answer | Promise<Answer> => {
    const verdict = store.recall(review.fingerprint);
    if (verdict !== undefined) return { verdict, cache: 'hit' };
    const other = inFlight.get(review.fingerprint);
    if (other !== undefined) return other.then(shared);
    if (inFlight.size >= concurrentReviews) return { verdict: unavailable('overloaded'), cache: 'miss' };
    const lookup = lookUp(review);
    inFlight.set(review.fingerprint, lookup);
    return lookup;
  };
  return { review: answer, authenticate: async (review) => (await answer(review)).verdict };
}

function shared({ verdict, cache }: Answer): Answer {
  return { verdict, cache: cache === 'stale' ? 'stale' : 'shared' };
}
