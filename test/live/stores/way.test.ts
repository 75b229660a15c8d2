// A store that is slow, comes and goes, or cannot save: what a question costs then, and how soon the store is found again.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type FaultyProxy, startFaultyProxy } from '../rig/faults.ts';
import { type Redis, redisMissing } from '../rig/redis.ts';
import { waitFor } from '../rig/wait.ts';
import { open, type Store, server, untilDown, untilUp } from './store.ts';

/** `shared_state_up` has to tell within this time. */
const TOLD_WITHIN_MS = 5000;

async function behindProxy(t: TestContext): Promise<{ readonly way: FaultyProxy; readonly store: Store }> {
  const redis = await server(t);
  const way = await startFaultyProxy(redis.port);
  t.after(() => way.stop());
  const store = open(t, { urls: [new URL(`redis://127.0.0.1:${way.port}`)], mode: 'single' });
  await untilUp(store);
  return { way, store };
}

void describe('the way to a shared store', { skip: redisMissing() }, () => {
  void test('that takes 2 s costs two questions their time and the others nothing, until it is quick again', async (t) => {
    const { way, store } = await behindProxy(t);
    await way.set({ kind: 'delay', delayMs: 2000 });
    const results = [await store.question(), await store.question()];
    for (let count = 0; count < 200; count += 1) results.push(await store.question()); // oxlint-disable-line no-await-in-loop -- one after the other
    assert.deepEqual(results.slice(0, 2), ['timeout', 'timeout']);
    assert.deepEqual(new Set(results.slice(2)), new Set(['down']));
    await pause(TOLD_WITHIN_MS);
    assert.notEqual(store.kept.fault(), undefined, 'what answers after 2 s is no store');
    await way.set({ kind: 'pass' });
    await untilUp(store);
    assert.equal(await store.question(), 'miss');
  });

  void test('that breaks and mends once a second makes no storm of connections, and is used when it holds', async (t) => {
    const { way, store } = await behindProxy(t);
    const before = store.attempts();
    const flaps = 8;
    for (let flap = 0; flap < flaps; flap += 1) {
      /* oxlint-disable no-await-in-loop -- half a second each */
      await way.set({ kind: 'refuse' });
      await pause(500);
      await way.set({ kind: 'pass' });
      await Promise.all(Array.from({ length: 100 }, () => store.question()));
      await pause(500);
      /* oxlint-enable no-await-in-loop */
    }
    const attempts = store.attempts() - before;
    assert.ok(attempts <= 3 * flaps, `${attempts} attempts in ${flaps} s`);
    await untilUp(store);
    assert.equal(await store.question(), 'miss');
  });
});

void describe('a store that cannot save', { skip: redisMissing() }, () => {
  void test('takes no writes, which is told as MISCONF, and is up again when it takes them', async (t) => {
    const redis = await server(t, { config: ['dir /proc', 'save 3600 1000000'] });
    const store = open(t, { urls: [redis.url], mode: 'single' });
    await untilUp(store);
    await redis.command('BGSAVE');
    assert.equal(await untilDown(store), 'MISCONF');
    assert.equal(await store.question(), 'down');
    await redis.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
    await untilUp(store);
    assert.equal(await store.question(), 'miss');
  });
});

void describe('a cluster', { skip: redisMissing() }, () => {
  void test('of which a slot moves to another node is asked there, while it moves and after', async (t) => {
    const [from, to] = await cluster(t);
    const store = open(t, { urls: [from.url], mode: 'cluster' });
    await untilUp(store);
    await from.command('SET', 'kab:x', 'of the node before');
    assert.equal(await store.question(), 'ok');

    const slot = String(await from.command('CLUSTER', 'KEYSLOT', 'kab:x'));
    const [fromId, toId] = [String(await from.command('CLUSTER', 'MYID')), String(await to.command('CLUSTER', 'MYID'))];
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    await from.command('MIGRATE', '127.0.0.1', String(to.port), 'kab:x', '0', '1000');
    assert.equal(await store.question(), 'ok', 'while it moves (ASK)');

    await to.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    await from.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    assert.equal(await store.question(), 'ok', 'after it has moved (MOVED)');
    assert.equal(store.kept.fault(), undefined);
    assert.equal(store.attempts(), 1, 'the connection was never given up');
  });

  void test('of which a node is lost is lost for its keys alone, and found when the node is back', async (t) => {
    const [from, to] = await cluster(t);
    const store = open(t, { urls: [from.url, to.url], mode: 'cluster' });
    await untilUp(store);
    await from.kill();
    const results: string[] = [];
    for (let count = 0; count < 50; count += 1) results.push(await store.question()); // oxlint-disable-line no-await-in-loop -- one after the other
    assert.ok(!results.includes('ok') && !results.includes('miss'), results.join());
    await from.start();
    await waitFor('an answer', async () => ((await store.question()) === 'miss' ? true : undefined));
  });
});

/** Two nodes; nearly all slots, that of `kab:x` among them, are at the first. */
async function cluster(t: TestContext): Promise<readonly [Redis, Redis]> {
  const node = async (): Promise<Redis> => server(t, { cluster: true });
  const [first, second] = [await node(), await node()];
  await first.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16000');
  await second.command('CLUSTER', 'ADDSLOTSRANGE', '16001', '16383');
  await second.command('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(first.busPort));
  for (const each of [first, second]) {
    // oxlint-disable-next-line no-await-in-loop -- one node after the other
    await waitFor('the cluster', async () => {
      const info = String(await each.command('CLUSTER', 'INFO'));
      return (info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2')) || undefined;
    });
  }
  return [first, second];
}
