// Slots: never more holders than there are, nobody overtaken, nobody waiting for ever.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as fc from 'fast-check';
import { bulkhead } from '../../src/async/slots.ts';
import { settled } from '../support/fake-clock.ts';
import { inOrder } from '../support/settled.ts';

void describe('slots', () => {
  void test('are given at once while there are any', async () => {
    const slots = bulkhead(2, 50);
    assert.deepEqual([await slots.enter(), await slots.enter()], [true, true]);
  });
  void test('pass to who waits longest', async () => {
    const slots = bulkhead(1, 50);
    await slots.enter();
    const order: string[] = [];
    const first = slots.enter().then(() => order.push('first'));
    slots.leave();
    const second = slots.enter().then(() => order.push('second'));
    await first;
    assert.deepEqual(order, ['first']);
    slots.leave();
    await second;
    assert.deepEqual(order, ['first', 'second']);
  });
  void test('as many may wait as there are slots, more are turned away at once', async () => {
    const slots = bulkhead(2, 50);
    await Promise.all([slots.enter(), slots.enter()]);
    const waiting = [slots.enter(), slots.enter()];
    assert.equal(await slots.enter(), false);
    slots.leave();
    slots.leave();
    assert.deepEqual(await Promise.all(waiting), [true, true]);
  });
  void test('who waited in vain leaves the queue, and no slot is lost', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const slots = bulkhead(1, 50);
    await slots.enter();
    const late = slots.enter();
    t.mock.timers.tick(50);
    assert.equal(await late, false);
    slots.leave();
    assert.equal(await slots.enter(), true);
    const queued = slots.enter();
    slots.leave();
    assert.equal(await queued, true);
  });
});

void test('whatever the order of coming and going, never more holders than slots, and all come free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(fc.boolean(), { maxLength: 40 }), async (size, steps) => {
      const slots = bulkhead(size, 60_000);
      let holders = 0;
      let most = 0;
      const come = async () => {
        if (await slots.enter()) holders += 1;
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
      assert.deepEqual(await Promise.all(Array.from({ length: size }, () => slots.enter())), Array(size).fill(true));
    }),
    { numRuns: 30 },
  );
});
