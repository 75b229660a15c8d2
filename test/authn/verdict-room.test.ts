// How much memory remembered verdicts take: bounded, shared, and given back.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { abstained, rejected } from '../../src/core/verdict.ts';
import { welcome } from '../support/reviews.ts';
import { storeOf } from '../support/verdict-stores.ts';

const good = { ...welcome(), by: 'ldap' };

const MANY = Array.from({ length: 1000 }, (_, index) => `group ${index} of the company`);
const member = (groups: readonly string[]) => ({
  ...good,
  value: { identity: { username: 'alice', groups, extra: {} } },
});
const copyOf = (groups: readonly string[]) => groups.map((group) => Buffer.from(group).toString());

void describe('room', () => {
  void test('verdicts of both kinds together take maxBytes at most, and the oldest leave first', () => {
    const { store } = storeOf({ maxEntries: 100_000, maxBytes: 1_000_000 });
    for (let index = 0; index < 500; index++) store.remember(`k${index}`, member(copyOf(MANY)));
    assert.ok(store.bytes <= 1_000_000 && store.size > 50, `${store.bytes} bytes, ${store.size} entries`);
    assert.deepEqual([store.recall('k0'), store.recall('k499')?.kind], [undefined, 'authenticated']);
  });
  void test('a flood of refusals pushes out refusals, never a good verdict, and a good one pushes them out', () => {
    const { store } = storeOf({ maxEntries: 100_000, maxBytes: 100_000 });
    for (let index = 0; index < 20; index++) store.remember(`k${index}`, good);
    for (let index = 0; index < 10_000; index++) store.remember(`garbage ${index}`, abstained('unknown-token'));
    assert.ok(store.bytes <= 100_000);
    for (let index = 0; index < 20; index++) assert.notEqual(store.recall(`k${index}`), undefined);
    for (let index = 20; index < 60; index++) store.remember(`k${index}`, good);
    for (let index = 0; index < 60; index++) assert.notEqual(store.recall(`k${index}`), undefined);
  });
  void test('one verdict that alone is more than maxBytes is not kept', () => {
    const { store } = storeOf({ maxBytes: 5000 });
    store.remember('k', member(MANY));
    assert.deepEqual([store.recall('k'), store.bytes, store.size], [undefined, 0, 0]);
  });
  void test('names of groups are shared by all verdicts, so that each more costs its pointers', () => {
    const { store } = storeOf();
    store.remember('a', member(copyOf(MANY)));
    const first = store.bytes;
    store.remember('b', member(copyOf(MANY)));
    assert.ok(store.bytes - first < 10_000 && first > 40_000, `${first}, then ${store.bytes - first}`);
    assert.deepEqual(store.recall('b'), member(MANY));
  });
  void test('what is replaced, has expired or is cleared takes nothing', () => {
    const { store, clock } = storeOf();
    store.remember('k', good);
    const one = store.bytes;
    store.remember('k', good);
    assert.equal(store.bytes, one);
    clock.step(60_000);
    assert.deepEqual([store.size, store.bytes], [0, 0]);
    store.remember('k', good);
    store.clear();
    assert.deepEqual([store.recall('k'), store.size, store.bytes], [undefined, 0, 0]);
  });
  void test('expired verdicts leave by themselves, and the timer with the last of them', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { store, clock } = storeOf();
    store.remember('k', good);
    store.remember('l', rejected('wrong-password'));
    clock.step(59_999);
    t.mock.timers.tick(10_000);
    assert.ok(store.bytes > 0);
    clock.step(1);
    t.mock.timers.tick(10_000);
    assert.equal(store.bytes, 0);
  });
});
