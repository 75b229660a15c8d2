// The budget of failed passwords that brokers count together, in front of one broker's own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SharedFailures } from '../../src/stores/shared-failures.ts';
import { BUDGET, guardOf, RIGHT, SETTINGS, WRONG } from './failed-passwords-setup.ts';

interface Store extends SharedFailures {
  /** Failures that other brokers have counted for everybody. */
  failures: number;
  isVerified: boolean;
  isLost: boolean;
  readonly ends: string[];
}

function storeOf(failures: number): Store {
  const store: Store = {
    failures,
    isVerified: false,
    isLost: false,
    ends: [],
    begin: async () => {
      if (store.isLost) return undefined;
      store.failures += 1;
      const { failures: ofName, isVerified } = store;
      const end = (outcome: string): void => {
        store.ends.push(outcome);
        if (outcome !== 'refused') store.failures -= 1;
      };
      return { ofName, ofPassword: 1, isVerified, end };
    },
  };
  return store;
}

void describe('a budget that brokers share', () => {
  void test('that the others have used up spares the upstream', async () => {
    const store = storeOf(SETTINGS.max);
    const guard = guardOf({}, undefined, '', store);
    assert.deepEqual(await guard.attempt('alice:x', WRONG), BUDGET);
    assert.deepEqual([guard.evaluated.length, guard.blocked(), store.ends], [0, 1, ['back']]);
  });

  void test('lets the last attempt through, and counts it', async () => {
    const store = storeOf(SETTINGS.max - 1);
    const guard = guardOf({}, undefined, '', store);
    assert.deepEqual(await guard.attempt('alice:x', WRONG), WRONG);
    assert.deepEqual([store.ends, store.failures], [['refused'], SETTINGS.max]);
    assert.deepEqual(await guard.attempt('alice:y', RIGHT), BUDGET);
  });

  void test('lets through what any broker has seen accepted', async () => {
    const store = storeOf(SETTINGS.max);
    store.isVerified = true;
    const guard = guardOf({}, undefined, '', store);
    assert.deepEqual(await guard.attempt('alice:right', RIGHT), RIGHT);
    assert.deepEqual(store.ends, ['accepted']);
  });

  void test('goes on with what it last knew when the store is lost', async () => {
    const store = storeOf(SETTINGS.max - 1);
    const guard = guardOf({}, undefined, '', store);
    await guard.attempt('alice:x', WRONG);
    store.isLost = true;
    assert.deepEqual(await guard.attempt('alice:y', RIGHT), BUDGET);
    assert.deepEqual(await guard.attempt('bob:y', RIGHT), RIGHT, 'of others it knew nothing');
  });

  void test('answers those that wait for a password that was spared', async () => {
    const guard = guardOf({}, undefined, '', storeOf(SETTINGS.max));
    const both = await Promise.all([guard.attempt('alice:x', RIGHT), guard.attempt('alice:x', RIGHT)]);
    assert.deepEqual(both, [BUDGET, BUDGET]);
  });

  void test('gets back what was not evaluated', async () => {
    const store = storeOf(0);
    const guard = guardOf({}, undefined, '', store);
    await guard.attempt('alice:x', { kind: 'unavailable', reason: 'timeout' });
    assert.deepEqual([store.ends, store.failures], [['back'], 0]);
  });
});
