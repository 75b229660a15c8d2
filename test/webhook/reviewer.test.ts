// One TokenReview from its token to its verdict: what is asked, and what is decided by form alone.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decision } from '../../src/core/identity.ts';
import type { TokenReviewRequest } from '../../src/webhook/request.ts';
import { type Reviewed, review } from '../../src/webhook/reviewer.ts';
import { answering, welcome } from '../support/reviews.ts';
import { reviewerOf } from './setup.ts';

const ENDPOINT = { path: '/authenticate', audiences: ['cluster'] };
const request = (token: string, audiences: readonly string[] = []): TokenReviewRequest => {
  return { ok: true, version: 'v1', token, audiences };
};

void test('a token that can never be a credential is decided at once, and nobody is asked', () => {
  const inner = answering<Decision>(welcome());
  const reviewed = review(reviewerOf(inner), ENDPOINT, request(''), 'r');
  assert.deepEqual(reviewed, { verdict: { kind: 'rejected', reason: 'empty-token' } });
  assert.equal(inner.asked.length, 0);
});

void describe('a credential', () => {
  void test('is asked about with all that the review says', async () => {
    const inner = answering<Decision>(welcome());
    const reviewed = await review(reviewerOf(inner), ENDPOINT, request('alice:pw', ['a']), 'r-1');
    assert.equal(reviewed.cache, 'miss');
    const { credential, fingerprint, ...rest } = inner.asked[0] ?? assert.fail();
    assert.deepEqual(rest, { id: 'r-1', endpoint: ENDPOINT, audiences: ['a'] });
    assert.equal(credential.kind, 'password');
    assert.equal(fingerprint, reviewed.fingerprint);
  });
  void test('is known the second time, in any encoding, without a promise', async () => {
    const inner = answering<Decision>(welcome());
    const reviewer = reviewerOf(inner);
    await review(reviewer, ENDPOINT, request('alice:pw'), 'r-1');
    const again: Reviewed | Promise<Reviewed> = review(
      reviewer,
      ENDPOINT,
      request(Buffer.from('alice:pw').toString('base64')),
      'r-2',
    );
    assert.ok(!(again instanceof Promise));
    assert.equal(again.cache, 'hit');
    assert.equal(inner.asked.length, 1);
  });
  void test('at another endpoint, or for other audiences, is another question', async () => {
    const inner = answering<Decision>(welcome());
    const reviewer = reviewerOf(inner);
    await review(reviewer, ENDPOINT, request('alice:pw'), 'r');
    await review(reviewer, { path: '/other' }, request('alice:pw'), 'r');
    await review(reviewer, ENDPOINT, request('alice:pw', ['a']), 'r');
    assert.equal(inner.asked.length, 3);
  });
});
