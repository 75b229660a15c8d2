// What is remembered, for whom and how long: verdicts are, outages never.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

const TOKEN = 'wanda:web-päss~~?>';

async function startWeb(t: Parameters<typeof startBroker>[0], config: object = {}) {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-päss~~?>' } });
  const broker = await startBroker(t, {
    ...upstreams.given,
    config: { ...config, providers: [upstreams.entries.web] },
  });
  return { broker, web: upstreams.web };
}

const accepted = (count: number) => ({
  reviews: { 'authenticated ok': count },
  providers: { 'web authenticated ok': 1 },
});

void describe('the verdict cache', () => {
  void test('raw, base64 and base64url forms of one credential are one credential', async (t) => {
    const { broker, web } = await startWeb(t);
    const bytes = Buffer.from(TOKEN);
    const base64 = bytes.toString('base64');
    const base64url = bytes.toString('base64url');
    assert.match(base64, /[+/].*=$/, 'the forms differ');
    await inOrder(
      [TOKEN, base64, base64.replace(/=+$/, ''), base64url, `${base64url}${'='.repeat(2)}`],
      async (token) => {
        assert.equal((await broker.review(token)).authenticated, true, token);
      },
    );
    assert.equal(web.exchanges(), 1);
    assert.deepEqual(
      await broker.moved(),
      movesOf({ ...accepted(5), cache: { miss: 1, hit: 4 }, up: { web: 1 }, entries: 1 }),
    );
  });

  void test('100 concurrent reviews of one credential cost one call', async (t) => {
    const { broker, web } = await startWeb(t);
    const statuses = await Promise.all(Array.from({ length: 100 }, () => broker.review(TOKEN)));
    assert.equal(
      statuses.every(({ authenticated }) => authenticated),
      true,
    );
    assert.equal(web.exchanges(), 1);
    const { [SHARED]: shared = 0, [HIT]: hit = 0, ...moved } = await broker.moved();
    assert.equal(shared + hit, 99);
    assert.deepEqual(moved, movesOf({ ...accepted(100), cache: { miss: 1 }, up: { web: 1 }, entries: 1 }));
  });

  void test('a good verdict serves 60 s, then the upstream is asked again', async (t) => {
    const { broker, web } = await startWeb(t);
    await broker.review(TOKEN);
    broker.process.later(59_000);
    await broker.review(TOKEN);
    assert.equal(web.exchanges(), 1);
    broker.process.later(1000);
    await broker.moved();
    await broker.review(TOKEN);
    assert.equal(web.exchanges(), 2);
    // The expired one had left by itself.
    assert.deepEqual(await broker.moved(), movesOf({ ...accepted(1), cache: { miss: 1 }, entries: 1 }));
  });

  void test('a refusal serves 10 s', async (t) => {
    const { broker, web } = await startWeb(t);
    await inOrder(['first', 'second'], () => broker.review('wanda:wrong'));
    assert.equal(web.exchanges(), 1);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'rejected not-authenticated': 2 },
        cache: { miss: 1, hit: 1 },
        providers: { 'web abstained not-authenticated': 1 },
        up: { web: 1 },
        entries: 1,
      }),
    );
    broker.process.later(10_001);
    await broker.review('wanda:wrong');
    assert.equal(web.exchanges(), 2);
  });

  void test('an outage is not remembered: every review asks, and the first after it is right', async (t) => {
    const { broker, web } = await startWeb(t);
    await web.breakWith('answers with an error of its own');
    await inOrder(['first', 'second'], async () =>
      assert.match((await broker.review(TOKEN)).error ?? '', /unavailable/),
    );
    assert.equal(web.exchanges(), 2);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'unavailable upstream-error': 2 },
        cache: { miss: 2 },
        providers: { 'web unavailable upstream-error': 2 },
        up: { web: 0 },
      }),
    );
    await web.breakWith(undefined);
    assert.equal((await broker.review(TOKEN)).authenticated, true);
    assert.deepEqual(await broker.moved(), movesOf({ ...accepted(1), cache: { miss: 1 }, up: { web: 1 }, entries: 1 }));
  });

  void test('staleOnUnavailable serves a good verdict past its TTL while the owner is down, a refusal never', async (t) => {
    const { broker, web } = await startWeb(t, { cache: { staleOnUnavailable: '5m' } });
    await inOrder([TOKEN, 'wanda:wrong'], (token) => broker.review(token));
    await web.breakWith('refuses connections');
    broker.process.later(61_000);
    await broker.moved();
    assert.equal((await broker.review(TOKEN)).authenticated, true);
    assert.match((await broker.review('wanda:wrong')).error ?? '', /unavailable/);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'authenticated ok': 1, 'unavailable connection-refused': 1 },
        cache: { stale: 1, miss: 1 },
        providers: { 'web unavailable connection-refused': 2 },
        up: { web: -1 },
      }),
    );
  });

  void test('endpoints and audiences do not share a verdict', async (t) => {
    const endpoints = [{ path: '/authenticate' }, { path: '/other' }];
    const { broker, web } = await startWeb(t, { webhook: { endpoints } });
    const requests = [{}, { path: '/other' }, { audiences: ['a', 'b'] }, { audiences: ['ab'] }];
    await inOrder(requests, (request) => broker.review(TOKEN, request));
    assert.equal(web.exchanges(), 4);
    const reviews = { 'authenticated ok': 3, '/other authenticated ok': 1 };
    const providers = { 'web authenticated ok': 4 };
    assert.deepEqual(
      await broker.moved(),
      movesOf({ reviews, providers, cache: { miss: 4 }, up: { web: 1 }, entries: 4 }),
    );
  });
});

const SHARED = 'cache_requests_total{result="shared"}';
const HIT = 'cache_requests_total{result="hit"}';
