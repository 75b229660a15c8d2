// Revocations between brokers over a real store: pushed, caught up on, and given back to a store that lost them.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/core/seams.ts';
import {
  type SharedRevocation,
  type SharedRevocations,
  sharedRevocations,
} from '../../../src/stores/shared-revocations.ts';
import { type Redis, redisMissing, startRedis } from '../rig/redis.ts';
import { waitFor } from '../rig/wait.ts';
import { storeSide } from './world.ts';

const skip = redisMissing();

async function broker(
  t: TestContext,
  redis: Redis,
  snapshot: { entries: readonly SharedRevocation[]; ageMs: number } = { entries: [], ageMs: 0 },
): Promise<SharedRevocations> {
  const revocations = sharedRevocations({
    ...(await storeSide(t, redis.url)),
    clock: systemClock,
    keyPrefix: 'kab:',
    snapshot,
    learnt: () => undefined,
  });
  t.after(() => revocations.close());
  return revocations;
}

async function server(t: TestContext): Promise<Redis> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis;
}

const heard = ({ known }: SharedRevocations): readonly SharedRevocation[] => [...known().entries];
const hears = (who: SharedRevocations, count: number): Promise<true> =>
  waitFor(`${count} revocations`, () => heard(who).length === count || undefined, 5000);

void describe('revocations of several brokers', { skip }, () => {
  void test('are in force on all of them within a second', async (t) => {
    const redis = await server(t);
    const [a, b, c] = [await broker(t, redis), await broker(t, redis), await broker(t, redis)];
    const startedMs = performance.now();
    assert.equal(await a.add({ jti: 'one' }), true);
    await Promise.all([hears(a, 1), hears(b, 1), hears(c, 1)]);
    assert.ok(performance.now() - startedMs < 1000);
  });

  void test('are found by a broker that starts later, and by one that was away', async (t) => {
    const redis = await server(t);
    const a = await broker(t, redis);
    await a.add({ username: 'alice', before: 1000 });
    assert.deepEqual(await hears(await broker(t, redis), 1), true);
    redis.suspend();
    redis.resume();
    await waitFor('the store', async () => (await a.add({ jti: 'two' })) || undefined);
    await hears(a, 2);
  });

  void test('survive a store that is wiped: brokers write back what it lost', async (t) => {
    const redis = await server(t);
    const [a, b] = [await broker(t, redis), await broker(t, redis)];
    await a.add({ jti: 'one' });
    await a.add({ username: 'alice', before: 1000 });
    await hears(b, 2);
    await redis.command('FLUSHALL');
    await waitFor(
      'the entries to be back',
      async () => ((await redis.command('HLEN', 'kab:{revocations}')) === 2 ? true : undefined),
      2000,
    );
    await hears(await broker(t, redis), 2);
  });

  void test('of which one was taken out of the store are put back', async (t) => {
    const redis = await server(t);
    const a = await broker(t, redis);
    await a.add({ jti: 'one' });
    await hears(a, 1);
    const fields = await redis.command('HKEYS', 'kab:{revocations}');
    assert.ok(Array.isArray(fields));
    await redis.command('HDEL', 'kab:{revocations}', String(fields[0]));
    await waitFor(
      'the entry to be back',
      async () => ((await redis.command('HLEN', 'kab:{revocations}')) === 1 ? true : undefined),
      2000,
    );
  });

  for (const { what, spoil } of [
    { what: 'a count that is none', spoil: [['SET', 'kab:{revocations}:changes', 'nothing']] },
    {
      what: 'values of another type',
      spoil: [
        ['DEL', 'kab:{revocations}', 'kab:{revocations}:changes'],
        ['SET', 'kab:{revocations}', 'nothing'],
        ['LPUSH', 'kab:{revocations}:changes', 'nothing'],
      ],
    },
  ]) {
    void test(`are taken, heard of and kept over ${what}`, async (t) => {
      const redis = await server(t);
      const [a, b] = [await broker(t, redis), await broker(t, redis)];
      assert.equal(await a.add({ jti: 'one' }), true);
      await hears(b, 1);
      // oxlint-disable-next-line no-await-in-loop -- in this order
      for (const [name = '', ...rest] of spoil) await redis.command(name, ...rest);
      assert.equal(await b.add({ jti: 'two' }), true);
      await hears(a, 2);
      await waitFor(
        'both entries in the store',
        async () => ((await redis.command('HLEN', 'kab:{revocations}')) === 2 ? true : undefined),
        2000,
      );
    });
  }

  void test('of a user only move forward, whatever is put in their place', async (t) => {
    const redis = await server(t);
    const [a, b] = [await broker(t, redis), await broker(t, redis)];
    await a.add({ username: 'alice', before: 1000 });
    await hears(b, 1);
    const fields = await redis.command('HKEYS', 'kab:{revocations}');
    const field = Array.isArray(fields) ? String(fields[0]) : '';
    const old = String(await redis.command('HGET', 'kab:{revocations}', field));
    await b.add({ username: 'alice', before: 5000 });
    await redis.command('HSET', 'kab:{revocations}', field, old);
    await redis.command('INCR', 'kab:{revocations}:changes');
    await waitFor('the later one to be back', async () => {
      const fresh = await broker(t, redis);
      await hears(fresh, 1);
      return heard(fresh).some((entry) => 'before' in entry && entry.before === 5000) || undefined;
    });
    assert.deepEqual(heard(a), [{ username: 'alice', before: 5000 }]);
  });

  void test('are known from the snapshot while the store is lost, and how old they are is told', async (t) => {
    const redis = await server(t);
    const a = await broker(t, redis, { entries: [{ jti: 'one' }], ageMs: 90_000 });
    await waitFor('a comparison', () => (a.known().ageMs < 5000 ? true : undefined));
    assert.deepEqual(heard(a), [{ jti: 'one' }]);
    await redis.kill();
    await waitFor('the loss', async () => ((await a.add({ jti: 'two' })) ? undefined : true));
    assert.deepEqual(heard(a), [{ jti: 'one' }]);
    await redis.start();
    await waitFor(
      'what the new store lacks',
      async () => ((await redis.command('HLEN', 'kab:{revocations}')) === 1 ? true : undefined),
      6000,
    );
  });
});
