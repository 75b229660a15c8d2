// What providers/users.md says about the work of bcrypt: one step of the cost takes twice as long.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compareSync, hashSync } from 'bcryptjs';

const PAGE = readFileSync(new URL('../../../providers/users.md', import.meta.url), 'utf8');

/** The least processor time of some comparisons with a hash of this cost. */
function comparisonMs(cost: number): number {
  const hash = hashSync('correct', cost);
  const times = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    assert.equal(compareSync('wrong', hash), false);
    return process.cpuUsage(start).user / 1000;
  });
  return Math.min(...times);
}

void test('as many times as long for as many steps as the page says', () => {
  const [, times = '', high = '', low = ''] = /(\d+) times as long at cost (\d+) as at cost (\d+)/.exec(PAGE) ?? [];
  const steps = Number(high) - Number(low);
  assert.equal(Number(times), 2 ** steps);
  comparisonMs(5);
  const measured = comparisonMs(5 + steps) / comparisonMs(5);
  assert.ok(measured > Number(times) / 2 && measured < Number(times) * 2, `${measured} times as long`);
});
