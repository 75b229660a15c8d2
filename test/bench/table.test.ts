// The parts of the benchmark that compute: medians, turns and the table. Nothing here is timed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alternate, type Result, type Sample } from './rounds.ts';
import { median, medianInterval, percentile } from './statistics.ts';
import { isMissed, ratioTarget, tableText } from './table.ts';

void describe('statistics', () => {
  const rows = [
    { name: 'of an odd number is the middle', given: median([3, 1, 2]), want: 2 },
    { name: 'of an even number is the lower of the middle two', given: median([4, 1, 3, 2]), want: 2 },
    { name: 'of nothing is no number', given: median([]), want: Number.NaN },
    { name: 'of 100 values the 99th is the 99th percentile', given: percentile(hundred(), 0.99), want: 99 },
    { name: 'of one value every percentile is that one', given: percentile([7], 0.5), want: 7 },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.equal(given, want));
});

function hundred(): readonly number[] {
  return Array.from({ length: 100 }, (_, index) => index + 1);
}

const RESULT: Result = {
  name: 'a',
  cpuUs: 1,
  cpuRatio: 1,
  cpuRatioInterval: [1, 1],
  rounds: 7,
  perSecond: 1,
  speedRatio: 1,
  p50Ms: 1,
  p99Ms: 1,
};

void test('contenders take turns, the first round does not count, and ratios are those within a round', async () => {
  const turns: string[] = [];
  const contender = (name: string, cpuSeconds: readonly number[]) => {
    const left = [...cpuSeconds];
    const run = (): Promise<Sample> => {
      turns.push(name);
      return Promise.resolve({ requests: 1000, cpuSeconds: left.shift() ?? 0, wallSeconds: 2, latencies: [1, 2, 3] });
    };
    return { name, run };
  };
  const [base, own] = await alternate([contender('a', [9, 1, 2, 4]), contender('b', [9, 2, 4, 4])], 3);
  assert.equal(turns.join(''), 'abababab');
  assert.deepEqual([base?.cpuUs, base?.cpuRatio, own?.cpuUs, own?.cpuRatio], [2000, 1, 4000, 2]);
  assert.deepEqual([own?.perSecond, own?.speedRatio, own?.p50Ms, own?.p99Ms], [500, 1, 2, 3]);
});

void describe('the interval of a median', () => {
  const rows = [
    { name: 'of three values is as wide as they are', given: [2, 9, 1], want: [1, 9] },
    { name: 'of seven values is still as wide as they are', given: [1, 2, 3, 4, 5, 6, 7], want: [1, 7] },
    { name: 'of a hundred values is that of the 41st and the 60th', given: hundred(), want: [41, 60] },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(medianInterval(given), want));
});

void describe('a target', () => {
  const rows: readonly { name: string; given: readonly [number, number]; rounds?: number; want: string }[] = [
    { name: 'below which all of the interval lies is reached', given: [1, 1.2], want: 'reached' },
    { name: 'over which all of it lies is missed', given: [1.4, 1.6], want: 'missed' },
    { name: 'within it is not judged', given: [1.2, 1.4], want: 'too noisy' },
    { name: 'of a few rounds is not judged', given: [1.4, 1.6], rounds: 5, want: 'too noisy' },
  ];
  for (const { name, given, rounds = 7, want } of rows) {
    void test(name, () => {
      const result: Result = { ...RESULT, cpuRatio: (given[0] + given[1]) / 2, cpuRatioInterval: given, rounds };
      const row = { what: 'a', target: ratioTarget(result, 1.3, 'bare') };
      assert.match(tableText([row]), new RegExp(`<= 1\\.3 x bare +${want}\n`));
      assert.equal(isMissed(row), want === 'missed');
    });
  }
});

void test('the table has columns of equal width, and nothing where nothing was measured', () => {
  const text = tableText([
    { what: 'bare', cpuUs: 40.4, ratio: 1, p50Ms: 0.5, p99Ms: 12 },
    { what: 'cached', cpuUs: 400, ratio: 1.234, target: { says: '<= 1.4 x', isReached: true } },
    { what: 'idle', measured: '130 MiB', target: { says: '<= 120 MiB', isReached: false } },
  ]);
  assert.equal(
    text,
    [
      'what    us CPU  ratio  interval  rounds  measured  target               p50 ms  p99 ms',
      '------  ------  -----  --------  ------  --------  ----------  -------  ------  ------',
      'bare        40   1.00                                                     0.50   12.00',
      'cached     400   1.23                              <= 1.4 x    reached',
      'idle                                     130 MiB   <= 120 MiB  missed',
      '',
    ].join('\n'),
  );
});
