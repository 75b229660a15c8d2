// Slots: never more holders than there are, nobody overtaken, nobody waiting for ever.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { createSlots, type Slots } from '../../src/async/slots.ts';
import { settled } from '../support/fake-clock.ts';
import { inOrder } from '../support/settled.ts';

const NEVER = new AbortController().signal;
const wait = async (slots: Slots) => slots.enter(NEVER);

void describe('slots', () => {
  void test('are given at once while there are any', async () => {
    const slots = createSlots(2);
    assert.deepEqual([await slots.enter(NEVER), await slots.enter(NEVER)], [true, true]);
  });
  void test('pass to who waits longest', async () => {
    const slots = createSlots(1);
    await slots.enter(NEVER);
    const order: string[] = [];
    const first = wait(slots).then(() => order.push('first'));
    slots.leave();
    const second = wait(slots).then(() => order.push('second'));
    await first;
    assert.deepEqual(order, ['first']);
    slots.leave();
    await second;
    assert.deepEqual(order, ['first', 'second']);
  });
  void test('let any number wait, and say how many', async () => {
    const slots = createSlots(2);
    const all = Array.from({ length: 1000 }, () => wait(slots));
    assert.equal(slots.waiting, 998);
    for (let turn = 0; turn < 998; turn += 1) slots.leave();
    assert.deepEqual(new Set(await Promise.all(all)), new Set([true]));
    assert.equal(slots.waiting, 0);
  });
  void test('who waited in vain leaves the queue, and no slot is lost', async () => {
    const slots = createSlots(1);
    await slots.enter(NEVER);
    const deadline = new AbortController();
    const late = slots.enter(deadline.signal);
    deadline.abort();
    assert.equal(await late, false);
    assert.equal(slots.waiting, 0);
    slots.leave();
    assert.equal(await slots.enter(NEVER), true);
    const queued = slots.enter(NEVER);
    slots.leave();
    assert.equal(await queued, true);
  });
  void test('are not for who comes after the deadline', async () => {
    const slots = createSlots(1);
    assert.equal(await slots.enter(AbortSignal.abort()), false);
    assert.equal(await slots.enter(NEVER), true);
  });
});

void test('whatever the order of coming and going, never more holders than slots, and all come free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(fc.boolean(), { maxLength: 40 }), async (size, steps) => {
      const slots = createSlots(size);
      let holders = 0;
      let most = 0;
      const come = async () => {
        if (await slots.enter(NEVER)) holders += 1;
        most = Math.max(most, holders);
      };
      const go = () => {
        if (holders === 0) return;
        holders -= 1;
        slots.leave();
      };
      await inOrder(steps, async (isComing) => {
        if (isComing) void come();
        else go();
        await Promise.resolve();
      });
      await inOrder(steps, async () => {
        go();
        await settled();
      });
      assert.equal(most <= size, true);
      assert.equal(holders, 0);
      assert.deepEqual(await Promise.all(Array.from({ length: size }, () => wait(slots))), Array(size).fill(true));
    }),
    { numRuns: 30 },
  );
});
