// One lookup for any number of reviews, detached from all of them, and never an outage remembered.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { type CachedAuthenticator, cached, type LookupLimits } from '../../src/authn/cached.ts';
import type { StoreSettings } from '../../src/authn/verdict-store.ts';
import type { Authenticator } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { abstained, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { answering, held, NEVER_ABORTED, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';
import { storeOf } from '../support/verdict-stores.ts';

function cacheOf(inner: Authenticator<Decision>, change: Partial<StoreSettings & LookupLimits> = {}) {
  const { store, clock } = storeOf(change);
  const limits = { reviewTimeoutMs: 4500, concurrentReviews: 512, ...change };
  return { cache: cached(inner, store, limits), clock };
}

const gist = async (cache: CachedAuthenticator, review = reviewOf()): Promise<string> => {
  const { verdict, cache: found } = await cache.review(review);
  return `${found} ${verdict.kind === 'authenticated' ? 'authenticated' : verdict.reason}`;
};

void describe('a review', () => {
  void test('is a miss, then a hit without a promise', async () => {
    const inner = answering<Decision>(welcome());
    const { cache } = cacheOf(inner);
    assert.equal(await gist(cache), 'miss authenticated');
    const hit = cache.review(reviewOf());
    assert.equal(hit instanceof Promise, false);
    assert.equal(await gist(cache), 'hit authenticated');
    assert.equal(inner.asked.length, 1);
  });
  void test('of another fingerprint is looked up itself', async () => {
    const inner = answering<Decision>(welcome());
    const { cache } = cacheOf(inner);
    await inOrder([reviewOf(), reviewOf({ audiences: ['a'] }), reviewOf({ password: 'x' })], (review) =>
      gist(cache, review),
    );
    assert.equal(inner.asked.length, 3);
  });
  for (const verdict of [rejected('wrong-password'), abstained('unknown-user')]) {
    void test(`that was ${verdict.kind} is remembered for rejectedTTL`, async () => {
      const inner = answering<Decision>(verdict);
      const { cache, clock } = cacheOf(inner);
      assert.equal(await gist(cache), `miss ${verdict.reason}`);
      clock.step(9999);
      assert.equal(await gist(cache), `hit ${verdict.reason}`);
      clock.step(2);
      assert.equal(await gist(cache), `miss ${verdict.reason}`);
    });
  }
  void test('that was unavailable is asked again at once', async () => {
    const verdicts: Verdict<Decision>[] = [unavailable('timeout'), unavailable('overloaded'), welcome()];
    const { cache } = cacheOf(answering(() => verdicts.shift() ?? rejected('forbidden')));
    assert.equal(await gist(cache), 'miss timeout');
    assert.equal(await gist(cache), 'miss overloaded');
    assert.equal(await gist(cache), 'miss authenticated');
  });
  void test('with 0 as TTL is asked every time', async () => {
    const inner = answering<Decision>(welcome());
    const { cache } = cacheOf(inner, { authenticatedTTLMs: 0 });
    assert.deepEqual([await gist(cache), await gist(cache)], ['miss authenticated', 'miss authenticated']);
  });
});

void describe('concurrent reviews of one credential', () => {
  void test('100 make one call', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner);
    const all = Array.from({ length: 100 }, () => gist(cache));
    await settled();
    assert.equal(inner.asked.length, 1);
    inner.answer(welcome());
    const results = await Promise.all(all);
    assert.equal(results[0], 'miss authenticated');
    assert.deepEqual(new Set(results.slice(1)), new Set(['shared authenticated']));
    assert.equal(await gist(cache), 'hit authenticated');
  });
  void test('share an outage, and the next asks again', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner);
    const all = [gist(cache), gist(cache)];
    inner.answer(unavailable('timeout'));
    assert.deepEqual(await Promise.all(all), ['miss timeout', 'shared timeout']);
    const next = gist(cache);
    inner.answer(welcome());
    assert.equal(await next, 'miss authenticated');
  });
  void test('do not end when the first caller leaves', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner);
    const leaving = new AbortController();
    const first = cache.authenticate(reviewOf(), leaving.signal);
    const second = cache.authenticate(reviewOf(), NEVER_ABORTED);
    leaving.abort();
    await settled();
    inner.answer(welcome());
    assert.deepEqual([(await first).kind, (await second).kind], ['authenticated', 'authenticated']);
    assert.equal(await gist(cache), 'hit authenticated');
  });
});

void describe('limits', () => {
  void test('more lookups than concurrentReviews are overloaded at once, what is known is served', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner, { concurrentReviews: 2 });
    const known = gist(cache, reviewOf({ username: 'known' }));
    inner.answer(welcome());
    await known;
    const running = ['a', 'b'].map((username) => gist(cache, reviewOf({ username })));
    assert.equal(await gist(cache, reviewOf({ username: 'c' })), 'miss overloaded');
    assert.equal(await gist(cache, reviewOf({ username: 'known' })), 'hit authenticated');
    const joined = gist(cache, reviewOf({ username: 'a' }));
    inner.answer(welcome());
    inner.answer(welcome());
    assert.deepEqual(await Promise.all([...running, joined]), [
      'miss authenticated',
      'miss authenticated',
      'shared authenticated',
    ]);
    assert.equal(inner.asked.length, 3);
  });
  void test('a lookup that never ends is a timeout after reviewTimeout and grace, and makes room', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { cache } = cacheOf(held<Decision>(), { concurrentReviews: 1 });
    const hung = gist(cache);
    t.mock.timers.tick(4500);
    assert.equal(await gist(cache, reviewOf({ username: 'b' })), 'miss overloaded');
    t.mock.timers.tick(200);
    assert.equal(await hung, 'miss timeout');
    void gist(cache, reviewOf({ username: 'b' }));
    t.mock.timers.tick(4700);
  });
  void test('a lookup that throws is internal, and is not remembered', async () => {
    const broken: Authenticator<Decision> = { authenticate: () => Promise.reject(new TypeError('x')) };
    const { cache } = cacheOf(broken);
    assert.equal(await gist(cache), 'miss internal');
    assert.equal(await gist(cache), 'miss internal');
  });
});

const signIn = (given: Parameters<typeof reviewOf>[0] = {}) => reviewOf({ ...given, isSignIn: true });

void describe('a sign-in', () => {
  void test('is evaluated although the verdict is remembered, and its refusal ends what was remembered', async () => {
    const verdicts: Verdict<Decision>[] = [welcome(), rejected('account-disabled')];
    const { cache } = cacheOf(
      answering(() => verdicts.shift() ?? unavailable('timeout')),
      { rejectedTTLMs: 0 },
    );
    assert.equal(await gist(cache), 'miss authenticated');
    assert.equal(await gist(cache, signIn()), 'miss account-disabled');
    assert.equal(await gist(cache), 'miss timeout');
  });
  void test('joins no lookup, and no review joins it', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner);
    const all = [gist(cache), gist(cache, signIn()), gist(cache, signIn()), gist(cache)];
    await settled();
    assert.equal(inner.waiting, 3);
    for (const reason of ['timeout', 'connection-refused', 'upstream-error'] as const)
      inner.answer(unavailable(reason));
    assert.deepEqual(await Promise.all(all), [
      'miss timeout',
      'miss connection-refused',
      'miss upstream-error',
      'shared timeout',
    ]);
  });
  void test('during an outage is unavailable, whatever may still serve for reviews', async () => {
    const outage = { ...unavailable('timeout'), providers: ['ldap'], down: ['ldap'] };
    const verdicts: Verdict<Decision>[] = [{ ...welcome(), by: 'ldap' }];
    const { cache, clock } = cacheOf(
      answering(() => verdicts.shift() ?? outage),
      { staleOnUnavailableMs: 30_000 },
    );
    await gist(cache);
    clock.step(60_000);
    assert.equal(await gist(cache, signIn()), 'miss timeout');
    assert.equal(await gist(cache), 'stale authenticated');
  });
  void test('takes a quarter of concurrentReviews, which is counted apart', async () => {
    const inner = held<Decision>();
    const { cache } = cacheOf(inner, { concurrentReviews: 4 });
    const first = gist(cache, signIn());
    assert.equal(await gist(cache, signIn({ username: 'b' })), 'miss overloaded');
    const reviews = ['c', 'd', 'e', 'f'].map((username) => gist(cache, reviewOf({ username })));
    assert.equal(await gist(cache, reviewOf({ username: 'g' })), 'miss overloaded');
    for (let left = 5; left > 0; left -= 1) inner.answer(welcome());
    assert.deepEqual(new Set(await Promise.all([first, ...reviews])), new Set(['miss authenticated']));
    const next = gist(cache, signIn({ username: 'b' }));
    inner.answer(welcome());
    assert.equal(await next, 'miss authenticated');
  });
});

void describe('stale', () => {
  const outage = { ...unavailable('timeout'), providers: ['ldap'], down: ['ldap'] };
  const mine = { ...welcome(), by: 'ldap' };
  const KEPT = { staleOnUnavailableMs: 30_000 };
  void test('an outage of the owner is bridged, and says so to all who share it', async () => {
    const verdicts: Verdict<Decision>[] = [mine, outage, outage];
    const { cache, clock } = cacheOf(
      answering(() => verdicts.shift() ?? rejected('forbidden')),
      KEPT,
    );
    await gist(cache);
    clock.step(60_000);
    assert.deepEqual(await Promise.all([gist(cache), gist(cache)]), ['stale authenticated', 'stale authenticated']);
    clock.step(30_001);
    assert.equal(await gist(cache), 'miss timeout');
  });
  void test('a refusal ends it for good', async () => {
    const verdicts: Verdict<Decision>[] = [mine, rejected('account-disabled'), outage];
    const { cache, clock } = cacheOf(
      answering(() => verdicts.shift() ?? outage),
      { ...KEPT, rejectedTTLMs: 0 },
    );
    await gist(cache);
    clock.step(60_000);
    assert.equal(await gist(cache), 'miss account-disabled');
    assert.equal(await gist(cache), 'miss timeout');
  });
  void test('serving it does not make it fresh', async () => {
    const verdicts: Verdict<Decision>[] = [mine, outage, welcome('renamed')];
    const inner = answering(() => verdicts.shift() ?? outage);
    const { cache, clock } = cacheOf(inner, KEPT);
    await gist(cache);
    clock.step(60_000);
    await gist(cache);
    assert.equal(await gist(cache), 'miss authenticated');
    assert.equal(inner.asked.length, 3);
  });
});
