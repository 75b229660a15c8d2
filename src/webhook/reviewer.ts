// Answers one TokenReview: token to credential, credential to verdict, verdict to answer.

import type { Answer, CachedAuthenticator, CacheResult } from '../authn/cached.ts';
import type { Endpoint, Review } from '../core/authenticator.ts';
import { parseCredential, type TokenRules } from '../core/credential.ts';
import type { Fingerprinter } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import { rejected, type Verdict } from '../core/verdict.ts';
import type { TokenReviewRequest } from './request.ts';

export interface Reviewer {
  readonly authenticator: CachedAuthenticator;
  readonly fingerprints: Fingerprinter;
  readonly rules: TokenRules;
}

/** What became of one TokenReview; `cache` and `fingerprint` are absent when the token's form decided. */
export interface Reviewed {
  readonly verdict: Verdict<Decision>;
  readonly cache?: CacheResult;
  readonly fingerprint?: string;
}

/** How a review differs from a common one. */
export type How = Pick<Review, 'trace' | 'isSignIn' | 'mayGuess' | 'via'>;

/** The verdict at once when the token's form or the cache decides, else a promise of it that never rejects. */
export function review(
  reviewer: Reviewer,
  endpoint: Endpoint,
  request: TokenReviewRequest,
  id: string,
  how?: How,
): Reviewed | Promise<Reviewed> {
  const credential = parseCredential(request.token, reviewer.rules);
  if (credential.kind === 'refused') return { verdict: rejected(credential.reason) };
  const { audiences } = request;
  const fingerprint = reviewer.fingerprints.ofReview(endpoint.path, credential, audiences);
  const asked: Review = { id, endpoint, credential, audiences, fingerprint, ...how };
  const answer = reviewer.authenticator.review(asked);
  return answer instanceof Promise
    ? answer.then((later) => reviewed(later, fingerprint))
    : reviewed(answer, fingerprint);
}

function reviewed({ verdict, cache }: Answer, fingerprint: string): Reviewed {
  return { verdict, cache, fingerprint };
}
