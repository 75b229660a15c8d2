// The metrics: what the table says is what Prometheus gets, counted as prom-client would count it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { METRIC_PREFIX, METRICS, type MetricName } from '../../src/telemetry/metric-table.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const BUCKETS = METRICS.token_review_duration_seconds.buckets ?? [];
const isName = (name: string): name is MetricName => name in METRICS;

void describe('the table', () => {
  for (const [name, { type, help, labels, buckets }] of Object.entries(METRICS)) {
    void test(name, () => {
      assert.match(name, /^[a-z][a-z_]+$/);
      assert.match(help, /^[A-Z1].*\.$/);
      assert.equal(name.endsWith('_total'), type === 'counter');
      assert.equal(buckets !== undefined, type === 'histogram');
      for (const label of labels) assert.match(label, /^[a-z]+$/);
    });
  }
  void test('buckets ascend, from a quarter of a millisecond to ten seconds', () => {
    assert.deepEqual([BUCKETS[0], BUCKETS.at(-1)], [0.00025, 10]);
    assert.deepEqual(
      BUCKETS,
      BUCKETS.toSorted((a, b) => a - b),
    );
  });
  void test('every row is in a scrape, with its type and its help', async () => {
    const text = await createMetrics().scrape();
    for (const [name, { type, help }] of Object.entries(METRICS)) {
      assert.ok(
        text.includes(`# HELP ${METRIC_PREFIX}${name} ${help}\n# TYPE ${METRIC_PREFIX}${name} ${type}\n`),
        name,
      );
    }
  });
});

void describe('metrics', () => {
  void test('asking for one of another type is a bug', () => {
    const metrics = createMetrics();
    const names = Object.keys(METRICS).filter(isName);
    for (const name of names) {
      const { type } = METRICS[name];
      if (type !== 'counter') assert.throws(() => metrics.counter(name), /is a/);
      if (type !== 'gauge') assert.throws(() => metrics.gauge(name), /is a/);
      if (type !== 'histogram') assert.throws(() => metrics.histogram(name), /is a/);
    }
  });
  void test('two registries share nothing', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.counter('config_reloads_total').inc({ result: 'success' });
    assert.match(await one.scrape(), /config_reloads_total\{result="success"\} 1/);
    assert.doesNotMatch(await two.scrape(), /config_reloads_total\{/);
  });
  void test('gauges that are read late are set before every scrape', async () => {
    const metrics = createMetrics();
    let entries = 0;
    metrics.beforeScrape(() => metrics.gauge('cache_entries').set(entries));
    assert.match(await metrics.scrape(), /cache_entries 0\n/);
    entries = 7;
    assert.match(await metrics.scrape(), /cache_entries 7\n/);
  });
  void test('scraping twice counts nothing twice', async () => {
    const metrics = createMetrics();
    metrics.counter('token_reviews_total').inc({ endpoint: '/a', verdict: 'rejected', reason: 'forbidden' });
    assert.equal(await metrics.scrape(), await metrics.scrape());
  });
  void test('a label value cannot forge a series', async () => {
    const metrics = createMetrics();
    metrics.counter('config_reloads_total').inc({ result: 'a"} 1\nforged{x="' });
    assert.doesNotMatch(await metrics.scrape(), /^forged/m);
  });
});

void test('a histogram has the lines that prom-client would write', async () => {
  const name = 'token_review_duration_seconds';
  const seconds = fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constantFrom(...BUCKETS), fc.constant(0));
  const sample = fc.record({
    endpoint: fc.constantFrom('/a', '/b'),
    verdict: fc.constantFrom('rejected', 'malformed'),
    seconds,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sample, { maxLength: 50 }), async (samples) => {
      const metrics = createMetrics();
      const registry = new Registry();
      const { help, labels } = METRICS[name];
      const plain = new Histogram({
        name: METRIC_PREFIX + name,
        help,
        labelNames: [...labels],
        buckets: [...BUCKETS],
        registers: [registry],
      });
      for (const { seconds: value, ...each } of samples) {
        metrics.histogram(name).observe(each, value);
        plain.observe(each, value);
      }
      const ours = linesOf(await metrics.scrape(), METRIC_PREFIX + name);
      assert.deepEqual(ours, linesOf(await registry.metrics(), METRIC_PREFIX + name));
    }),
    { numRuns: 50 },
  );
});

/** Lines of one metric, whatever the order of their labels. */
function linesOf(text: string, name: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(name));
  return lines
    .map((line) => line.replace(/\{(.*)\}/, (_, inner: string) => `{${inner.split(',').toSorted().join()}}`))
    .toSorted();
}
