// Durations as people write them.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, parseDuration } from '../../src/text/duration.ts';

void describe('durations', () => {
  const rows: { given: string; want: number | undefined }[] = [
    { given: '500ms', want: 500 },
    { given: '30s', want: 30_000 },
    { given: '2m', want: 120_000 },
    { given: '1h30m', want: 5_400_000 },
    { given: '1h1m1s1ms', want: 3_661_001 },
    { given: '1.5h', want: 5_400_000 },
    { given: '0.5s', want: 500 },
    { given: '0', want: 0 },
    { given: '0s', want: 0 },
    { given: '250us', want: 0.25 },
    { given: '250µs', want: 0.25 },
    { given: '1m30', want: undefined },
    { given: '30', want: undefined },
    { given: '', want: undefined },
    { given: 's', want: undefined },
    { given: '-1s', want: undefined },
    { given: '1d', want: undefined },
    { given: '1 s', want: undefined },
    { given: '1S', want: undefined },
    { given: '1s\n', want: undefined },
    { given: '1..5s', want: undefined },
    { given: '1e3s', want: undefined },
    { given: '٣s', want: undefined },
  ];
  for (const { given, want } of rows) {
    void test(JSON.stringify(given), () => assert.equal(parseDuration(given), want));
  }
  void test('formatted and parsed again they are the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 24 * 3_600_000 }), (durationMs) => {
        const back = parseDuration(formatDuration(durationMs)) ?? Number.NaN;
        assert.equal(Math.abs(back - durationMs) < 0.001, true, formatDuration(durationMs));
      }),
    );
  });
  for (const [given, want] of [
    [0, '0s'],
    [999, '999ms'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [1500, '1.5s'],
  ] as const) {
    void test(`${given} is written ${want}`, () => assert.equal(formatDuration(given), want));
  }
  void test('a long text of digits is read in no time', () => {
    assert.equal(parseDuration(`${'1'.repeat(100_000)}x`), undefined);
    assert.equal(parseDuration('1s'.repeat(50_000)), 50_000_000);
  });
});
