// One evaluation for any number of concurrent reviews of one credential, its verdict remembered briefly.

import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Fingerprint } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import { unavailable, type Verdict } from '../core/verdict.ts';
import { withDeadline } from './deadline.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { VerdictStore } from './verdict-store.ts';

/** How an answer was found: remembered (by this broker or another), evaluated, evaluated for somebody else at the same time, or kept past its TTL. */
export type CacheResult = 'hit' | 'miss' | 'shared' | 'stale';

export interface Answer {
  readonly verdict: Verdict<Decision>;
  readonly cache: CacheResult;
}

export interface CachedAuthenticator extends Authenticator<Decision> {
  /**
   * The answer at once when it is remembered, else a promise of it that never rejects. A sign-in is always evaluated by
   * itself: its answer is never a hit, shared or stale.
   */
  review(review: Review): Answer | Promise<Answer>;
}

export interface LookupLimits {
  /** One lookup, all providers. */
  readonly reviewTimeoutMs: number;
  /**
   * Lookups in flight or waiting; more are unavailable (`overloaded`) at once. Remembered verdicts are always served. Sign-ins
   * are counted apart, up to a quarter of it.
   */
  readonly concurrentReviews: number;
  /** What one lookup may wait for the store that brokers share, in all; absent: there is none. */
  readonly storeWaitMs?: number;
}

/** The review's deadline is spent by then; what is left is for providers to name their reason. */
const GRACE_MS = 200;

/** Of lookups and of each provider's slots, one in so many is for sign-ins. */
export const SIGN_IN_SHARE = 4;

/**
 * A lookup belongs to no caller: one that leaves fails nobody else, and its verdict is remembered all the same. `others` is
 * asked for what this broker does not remember, except by a sign-in.
 */
export function cached(
  inner: Authenticator<Decision>,
  store: VerdictStore,
  { reviewTimeoutMs, concurrentReviews, storeWaitMs }: LookupLimits,
  others?: Elsewhere,
): CachedAuthenticator {
  const lookUp = remembering(inner, { store, others }, reviewTimeoutMs);
  const signIn = bounded(lookUp, Math.ceil(concurrentReviews / SIGN_IN_SHARE));
  const inFlight = new Map<Fingerprint, Promise<Answer>>();
  const waiting = (review: Review): Review =>
    storeWaitMs === undefined ? review : { ...review, storeWait: { leftMs: storeWaitMs } };
  const lookUpForAll = async (asked: Review): Promise<Answer> => {
    const review = waiting(asked);
    const found = others === undefined ? undefined : await others.find(review.fingerprint, review.storeWait);
    if (found !== undefined) {
      store.remember(review.fingerprint, found);
      inFlight.delete(review.fingerprint);
      return { verdict: found, cache: 'hit' };
    }
    const verdict = await lookUp(review);
    inFlight.delete(review.fingerprint);
    const stale = verdict.kind === 'unavailable' ? store.stale(review.fingerprint, verdict) : undefined;
    return stale === undefined ? { verdict, cache: 'miss' } : { verdict: stale, cache: 'stale' };
  };
  const answer = (review: Review): Answer | Promise<Answer> => {
    if (review.isSignIn === true) return signIn(waiting(review));
    const verdict = store.recall(review.fingerprint);
    if (verdict !== undefined) return { verdict, cache: 'hit' };
    const other = inFlight.get(review.fingerprint);
    if (other !== undefined) return other.then(shared);
    if (inFlight.size >= concurrentReviews) return OVERLOADED;
    const lookup = lookUpForAll(review);
    inFlight.set(review.fingerprint, lookup);
    return lookup;
  };
  return { review: answer, authenticate: async (review) => (await answer(review)).verdict };
}

type LookUp = (review: Review) => Promise<Verdict<Decision>>;

const OVERLOADED: Answer = { verdict: unavailable('overloaded'), cache: 'miss' };

/** Evaluates under the deadline of a review, and remembers the verdict unless it is an outage or may change at any moment. */
function remembering(
  inner: Authenticator<Decision>,
  { store, others }: { readonly store: VerdictStore; readonly others: Elsewhere | undefined },
  reviewTimeoutMs: number,
): LookUp {
  const deadline = { timeoutMs: reviewTimeoutMs, graceMs: GRACE_MS };
  return async (review) => {
    const verdict = await withDeadline((signal) => inner.authenticate(review, signal), deadline);
    const isVolatile = verdict.kind === 'authenticated' && verdict.isVolatile === true;
    if (verdict.kind === 'unavailable' || isVolatile) return verdict;
    store.remember(review.fingerprint, verdict);
    others?.keep(review.fingerprint, verdict);
    return verdict;
  };
}

function bounded(lookUp: LookUp, most: number): (review: Review) => Promise<Answer> {
  let running = 0;
  return async (review) => {
    if (running >= most) return OVERLOADED;
    running += 1;
    const verdict = await lookUp(review);
    running -= 1;
    return { verdict, cache: 'miss' };
  };
}

function shared({ verdict, cache }: Answer): Answer {
  return { verdict, cache: cache === 'stale' ? 'stale' : 'shared' };
}
