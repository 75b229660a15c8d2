// Verdicts of other brokers: as good as their time says, and never longer than this broker would keep its own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cached } from '../../src/authn/cached.ts';
import { elsewhere } from '../../src/authn/elsewhere.ts';
import { verdictStore } from '../../src/authn/verdict-store.ts';
import type { StoreWait } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import type { KeptVerdict, SharedVerdicts } from '../../src/stores/shared-verdicts.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { answering, reviewOf, welcome } from '../support/reviews.ts';

const TTLS = {
  authenticatedTTLMs: 60_000,
  rejectedTTLMs: 10_000,
  staleOnUnavailableMs: 600_000,
  maxEntries: 100,
  maxBytes: 2 ** 26,
};

function world(verdict: Verdict<Decision>) {
  const clock = fakeClock();
  const kept = new Map<string, KeptVerdict>();
  const waits: (StoreWait | undefined)[] = [];
  const shared: SharedVerdicts = {
    find: async (fingerprint, wait) => {
      waits.push(wait);
      return kept.get(fingerprint);
    },
    keep: (fingerprint, value) => void kept.set(fingerprint, value),
  };
  const broker = (ttls = TTLS) => {
    const inner = answering<Decision>(verdict);
    const limits = { reviewTimeoutMs: 4500, concurrentReviews: 512, storeWaitMs: 50 };
    const others = elsewhere(shared, ttls, clock);
    return { inner, cache: cached(inner, verdictStore(ttls, clock), limits, others) };
  };
  return { clock, kept, waits, a: broker(), b: broker(), brief: broker({ ...TTLS, authenticatedTTLMs: 5000 }) };
}

void describe('a verdict of another broker', () => {
  for (const verdict of [welcome(), rejected('wrong-password')]) {
    void test(`is a hit where it is ${verdict.kind}, and asks nobody`, async () => {
      const { a, b } = world(verdict);
      await a.cache.review(reviewOf());
      const { cache, verdict: found } = await b.cache.review(reviewOf());
      assert.deepEqual([cache, found.kind, b.inner.asked.length], ['hit', verdict.kind, 0]);
    });
  }

  void test('ends when it ends there, and serves no longer during an outage', async () => {
    const { clock, kept, a, b } = world(welcome());
    await a.cache.review(reviewOf());
    clock.step(50_000);
    await b.cache.review(reviewOf());
    kept.clear();
    clock.step(9000);
    assert.equal((await b.cache.review(reviewOf())).cache, 'hit');
    clock.step(1001);
    assert.equal((await b.cache.review(reviewOf())).cache, 'miss');
  });

  void test('is kept no longer than the finder keeps its own', async () => {
    const { clock, kept, a, brief } = world(welcome());
    await a.cache.review(reviewOf());
    await brief.cache.review(reviewOf());
    kept.clear();
    clock.step(5001);
    assert.equal((await brief.cache.review(reviewOf())).cache, 'miss');
  });

  void test('is none where it was an outage, or of a sign-in', async () => {
    const down = world(unavailable('timeout'));
    await down.a.cache.review(reviewOf());
    assert.equal(down.kept.size, 0);
    const { a, b } = world(welcome());
    await a.cache.review(reviewOf());
    assert.equal((await b.cache.review({ ...reviewOf(), isSignIn: true })).cache, 'miss');
  });

  void test('and everything else in the store are waited for within one time for each lookup', async () => {
    const { a, waits } = world(welcome());
    await a.cache.review(reviewOf());
    await a.cache.review(reviewOf({ fingerprint: 'another' }));
    await a.cache.review({ ...reviewOf(), isSignIn: true });
    const [first, second, signIn] = a.inner.asked.map(({ storeWait }) => storeWait);
    assert.deepEqual([first, second, signIn], [{ leftMs: 50 }, { leftMs: 50 }, { leftMs: 50 }]);
    assert.ok(waits[0] === first && waits[1] === second && first !== second && signIn !== first);
  });
});
