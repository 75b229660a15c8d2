// Reviews, decisions and authenticators for tests of what is made of authenticators.

import type { Authenticator, Review } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { Secret } from '../../src/core/secret.ts';
import { authenticated, type Verdict } from '../../src/core/verdict.ts';

export interface GivenReview extends Partial<Omit<Review, 'credential'>> {
  readonly username?: string;
  readonly password?: string;
  /** Makes the credential a bearer. */
  readonly token?: string;
}

/** A review of `alice:wonderland`, but for what is given; equal credentials and audiences have equal fingerprints. */
export function reviewOf(given: GivenReview = {}): Review {
  const { username = 'alice', password = 'wonderland', token, audiences = [], ...rest } = given;
  const credential =
    token === undefined
      ? ({ kind: 'password', username, password: new Secret(password) } as const)
      : ({ kind: 'bearer', form: 'opaque', token: new Secret(token) } as const);
  const fingerprint = JSON.stringify([username, password, token, audiences]);
  return { id: 'review-1', endpoint: { path: '/authenticate' }, credential, audiences, fingerprint, ...rest };
}

export function decisionOf(username: string): Decision {
  return { identity: { username, groups: [], extra: {} } };
}

export const welcome = (username = 'alice', expiresAt?: number): Verdict<Decision> & { kind: 'authenticated' } =>
  authenticated(decisionOf(username), expiresAt);

export interface FakeAuthenticator<T> extends Authenticator<T> {
  readonly asked: readonly Review[];
}

/** Answers with a verdict, or with what the function says; remembers what it was asked. */
export function answering<T>(
  answer: Verdict<T> | ((review: Review, signal: AbortSignal) => Promise<Verdict<T>> | Verdict<T>),
): FakeAuthenticator<T> {
  const asked: Review[] = [];
  return {
    asked,
    authenticate: async (review, signal) => {
      asked.push(review);
      return typeof answer === 'function' ? answer(review, signal) : answer;
    },
  };
}

/** Answers only when told, each call apart and in the order of the calls. */
export interface HeldAuthenticator<T> extends FakeAuthenticator<T> {
  /** Answers the oldest call that waits. */
  answer(verdict: Verdict<T>): void;
  readonly waiting: number;
}

export function held<T>(): HeldAuthenticator<T> {
  const calls: ((verdict: Verdict<T>) => void)[] = [];
  const inner = answering<T>(() => new Promise((resolve) => calls.push(resolve)));
  return {
    ...inner,
    answer: (verdict) => calls.shift()?.(verdict),
    get waiting() {
      return calls.length;
    },
  };
}

export const NEVER_ABORTED: AbortSignal = new AbortController().signal;
