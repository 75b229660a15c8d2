// What providers/users.md says about the work of bcrypt: one step of the cost takes twice as long.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compareSync, hashSync } from 'bcryptjs';

const PAGE = readFileSync(new URL('../../../providers/users.md', import.meta.url), 'utf8');

/** The least processor time of this thread for so many comparisons with a hash of this cost. */
function comparisonsMs(count: number, cost: number): number {
  const hash = hashSync('correct', cost);
  const times = Array.from({ length: 5 }, () => {
    const start = process.threadCpuUsage();
    for (let done = 0; done < count; done += 1) assert.equal(compareSync('wrong', hash), false);
    return process.threadCpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

void test('as many times as long for as many steps as the page says', () => {
  const [, times = '', high = '', low = ''] = /(\d+) times as long at cost (\d+) as at cost (\d+)/.exec(PAGE) ?? [];
  const [count, steps] = [Number(times), Number(high) - Number(low)];
  assert.equal(count, 2 ** steps);
  const measured = comparisonsMs(1, 5 + steps) / comparisonsMs(count, 5);
  assert.ok(measured > 1 / 2 && measured < 2, `${measured} of ${count} comparisons`);
});
