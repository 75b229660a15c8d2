// Series filled by hand read exactly as prom-client's own do.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Counter, Histogram, Registry } from 'prom-client';
import { counterSeries, durations } from '../../src/telemetry/series.ts';

const SETTINGS = { name: 'review_seconds', help: 'How "long".', labelNames: ['path', 'verdict'] };
const BUCKETS = [0.001, 0.5, 2];

const rows = [
  { name: 'nothing', given: [] },
  { name: 'a value in the middle of a bucket', given: [{ path: '/a', verdict: 'ok', seconds: 0.2 }] },
  { name: 'a value on a bound', given: [{ path: '/a', verdict: 'ok', seconds: 0.5 }] },
  { name: 'a value above every bound', given: [{ path: '/a', verdict: 'ok', seconds: 90 }] },
  {
    name: 'several series, one of them twice, with values to escape',
    given: [
      { path: '/a"\\\n', verdict: 'ok', seconds: 0 },
      { path: '/b', verdict: 'ok', seconds: 0.25 },
      { path: '/a"\\\n', verdict: 'ok', seconds: 1.5 },
      { path: '/a', verdict: 'no', seconds: 0.25 },
    ],
  },
];

void describe('a histogram filled by hand', () => {
  for (const { name, given } of rows) {
    void test(`shows ${name} as prom-client does`, async () => {
      const [own, theirs] = [new Registry(), new Registry()];
      const filled = durations({ ...SETTINGS, buckets: BUCKETS }, own);
      const original = new Histogram({ ...SETTINGS, buckets: BUCKETS, registers: [theirs] });
      for (const { seconds, ...labels } of given) {
        filled.observe(labels, seconds);
        original.observe(labels, seconds);
      }
      assert.equal(await own.metrics(), await theirs.metrics());
    });
  }

  void test('gives the same series for the same labels', () => {
    const filled = durations({ ...SETTINGS, buckets: BUCKETS }, new Registry());
    assert.equal(filled.series({ path: '/a', verdict: 'ok' }), filled.series({ verdict: 'ok', path: '/a' }));
    assert.notEqual(filled.series({ path: '/a', verdict: 'ok' }), filled.series({ path: '/a', verdict: 'no' }));
  });
});

void describe('a counter filled by hand', () => {
  void test('hands each increment on once, and shows nothing before the first', async () => {
    const registry = new Registry();
    const series = counterSeries(
      new Counter({ name: 'reviews_total', help: 'Reviews.', labelNames: ['verdict'], registers: [registry] }),
      { verdict: 'ok' },
    );
    series.flush();
    assert.doesNotMatch(await registry.metrics(), /^reviews_total/m);
    series.inc();
    series.inc();
    series.flush();
    series.inc();
    series.flush();
    assert.match(await registry.metrics(), /^reviews_total\{verdict="ok"\} 3$/m);
  });
});
