// One question to the shared store: what is found, what is none of ours, and what a store that breaks is worth.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoreWait } from '../../src/core/authenticator.ts';
import { type Clock, systemClock } from '../../src/core/seams.ts';
import { asker } from '../../src/stores/questions.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { counted, memoryStore } from './setup.ts';

function world(isConnected = true, clock: Pick<Clock, 'monotonicMs'> = fakeClock()) {
  const store = memoryStore();
  const observer = counted();
  const dropped: string[] = [];
  const connection = {
    current: () => (isConnected ? store : undefined),
    drop: (why: string) => void dropped.push(why),
  };
  const ask = asker({ connection, observer, clock, timeoutMs: 5 });
  const question = (wait?: StoreWait) =>
    ask(
      'verdict_get',
      async ({ send }) => {
        const value = await send('a', ['GET', 'a']);
        if (value === 'foreign') return { kind: 'rejected' };
        return typeof value === 'string' ? { kind: 'found', value } : { kind: 'miss' };
      },
      wait,
    );
  return { store, observer, dropped, question };
}

void describe('a question to the shared store', () => {
  const rows = [
    { name: 'finds what is there', value: 'x', want: 'x', counts: 'ok' },
    { name: 'misses what is not', value: undefined, want: undefined, counts: 'miss' },
    { name: 'takes nothing that is none of ours', value: 'foreign', want: undefined, counts: 'rejected' },
  ];
  for (const { name, value, want, counts } of rows) {
    void test(name, async () => {
      const { store, observer, question } = world();
      if (value !== undefined) store.values.set('a', value);
      assert.equal(await question(), want);
      assert.deepEqual(observer.results, [`verdict_get/${counts}`]);
    });
  }

  void test('is not asked of a store that is lost', async () => {
    const { observer, question } = world(false);
    assert.equal(await question(), undefined);
    assert.deepEqual(observer.results, ['verdict_get/down']);
  });

  void test('waits no longer than its lookup has left, and is not asked when that is nothing', async () => {
    const { store, observer, dropped, question } = world(true, systemClock);
    store.breakWith('silence');
    const wait = { leftMs: 2.5 };
    await question(wait);
    await question(wait);
    await question(wait);
    assert.ok(wait.leftMs < 1, `${wait.leftMs} ms are left`);
    assert.deepEqual(
      observer.results,
      Array.from({ length: 3 }, () => 'verdict_get/timeout'),
    );
    assert.deepEqual(dropped, [], 'a short question says nothing about the store');
    store.breakWith(undefined);
    assert.equal(await question(wait), undefined);
    await question();
    assert.deepEqual(observer.results.slice(3), ['verdict_get/timeout', 'verdict_get/miss']);
  });

  void test('that is not answered twice in a row gives the connection up, once between answers does not', async () => {
    const { store, observer, dropped, question } = world();
    store.breakWith('silence');
    await question();
    store.breakWith(undefined);
    await question();
    store.breakWith('silence');
    await question();
    assert.deepEqual(dropped, []);
    await question();
    assert.deepEqual(dropped, ['no answer within 5 ms, 2 times in a row']);
    assert.deepEqual(observer.results.filter((result) => result.endsWith('timeout')).length, 3);
  });

  const faults = [
    { says: 'READONLY You cannot write against a read only replica.', counts: 'error', drops: ['READONLY'] },
    { says: 'WRONGTYPE Operation against a key holding the wrong kind of value', counts: 'rejected', drops: [] },
    { says: "OOM command not allowed when used memory > 'maxmemory'.", counts: 'error', drops: [] },
  ];
  for (const { says, counts, drops } of faults) {
    void test(`answered with ${says.split(' ')[0]} finds nothing`, async () => {
      const { store, observer, dropped, question } = world();
      store.breakWith(new Error(says));
      assert.equal(await question(), undefined);
      assert.deepEqual([observer.results, dropped], [[`verdict_get/${counts}`], drops]);
    });
  }
});
