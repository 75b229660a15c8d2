// An entry's match and login, checked before any I/O: a credential goes no further than its owner.

import type { Expression } from '../cel/compile.ts';
import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Credential } from '../core/credential.ts';
import { usernameFault } from '../core/identity.ts';
import type { AbstainReason, RejectReason } from '../core/reasons.ts';
import { abstained, rejected, type Verdict } from '../core/verdict.ts';

export interface EntryScope {
  readonly name: string;
  readonly accepts: readonly Credential['kind'][];
  /** Absent: every credential of an accepted kind. Present and true: this provider owns the credential. */
  readonly match?: Expression<'match'> | undefined;
  /** The name to send upstream; absent: the name in the credential. */
  readonly login?: Expression<'login'> | undefined;
}

/**
 * abstained `wrong-kind`, `no-match`, `match-failed` or `login-failed` without asking `inner`. Where an explicit match holds,
 * `inner`'s not knowing the credential is final: abstained becomes rejected.
 */
export function scoped<T>(inner: Authenticator<T>, scope: EntryScope): Authenticator<T> {
  return {
    authenticate: async (review, signal) => {
      const outside = whyOutside(review, scope);
      if (outside !== undefined) return outside;
      const login = loginReview(review, scope);
      if (login === undefined) return owned(abstained('login-failed'), scope);
      return owned(await inner.authenticate(login, signal), scope);
    },
  };
}

function whyOutside(review: Review, { name, accepts, match }: EntryScope): Verdict<never> | undefined {
  if (!accepts.includes(review.credential.kind)) return abstained('wrong-kind');
  if (match === undefined) return undefined;
  const result = match.evaluate(review.credential);
  const holds = result.ok && result.value;
  review.trace?.({ step: 'match', provider: name, holds, ...(!result.ok && { error: result.error }) });
  if (holds) return undefined;
  return result.ok ? abstained('no-match') : abstained('match-failed', result.error);
}

function loginReview(review: Review, { name, login }: EntryScope): Review | undefined {
  const { credential } = review;
  if (login === undefined || credential.kind !== 'password') return review;
  const result = login.evaluate(credential);
  const error = result.ok ? usernameFault(result.value) : result.error;
  if (!result.ok || error !== undefined) {
    review.trace?.({ step: 'login', provider: name, error: error ?? 'no name' });
    return undefined;
  }
  review.trace?.({ step: 'login', provider: name, login: result.value });
  return { ...review, credential: { ...credential, username: result.value } };
}

/** What an owner's "I do not know it" becomes; the other abstentions were never the upstream's word. */
const OWNED: Partial<Readonly<Record<AbstainReason, RejectReason>>> = {
  'unknown-user': 'user-not-found',
  'login-failed': 'user-not-found',
  'not-authenticated': 'wrong-password',
  'unknown-token': 'token-not-found',
  'unsupported-token': 'token-not-found',
  'foreign-issuer': 'wrong-issuer',
  'unknown-key': 'bad-signature',
};

/** A match that holds makes ownership certain, so nobody else is asked about what the owner does not know. */
function owned<T>(verdict: Verdict<T>, { match }: EntryScope): Verdict<T> {
  if (match === undefined || verdict.kind !== 'abstained') return verdict;
  const reason = OWNED[verdict.reason];
  return reason === undefined ? verdict : rejected(reason, verdict.detail);
}
