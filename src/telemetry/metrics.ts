// Turns the metric table into prom-client metrics behind the few calls that the program makes.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ProviderObserver } from '../authn/observed.ts';
import { describeReason } from '../core/reasons.ts';
import { reasonOf, type Verdict } from '../core/verdict.ts';
import { METRIC_PREFIX, METRICS, type MetricName } from './metric-table.ts';

/** The metrics of one process; label values are always from closed sets. */
export interface Metrics {
  readonly registry: Registry;
  counter(name: MetricName): Counter;
  gauge(name: MetricName): Gauge;
  histogram(name: MetricName): Histogram;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  for (const [name, row] of Object.entries(METRICS)) {
    const settings = { name: METRIC_PREFIX + name, help: row.help, labelNames: row.labels, registers: [registry] };
    if (row.type === 'counter') counters.set(name, new Counter(settings));
    else if (row.type === 'gauge') gauges.set(name, new Gauge(settings));
    else histograms.set(name, new Histogram({ ...settings, buckets: [...(row.buckets ?? [])] }));
  }
  return { registry, counter: finder(counters), gauge: finder(gauges), histogram: finder(histograms) };
}

/** Adds what Node tells of itself: CPU, memory, event-loop lag, garbage collection. */
export function collectProcessMetrics({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry });
}

/** Counts each provider's verdicts and remembers whether its upstream answered. */
export function providerObserver(metrics: Metrics): ProviderObserver {
  const requests = metrics.counter('provider_requests_total');
  const durations = metrics.histogram('provider_request_duration_seconds');
  const up = metrics.gauge('provider_up');
  return {
    answered: (provider, verdict, durationMs) => {
      requests.inc({ provider, verdict: verdict.kind, reason: reasonOf(verdict) });
      durations.observe({ provider, verdict: verdict.kind }, durationMs / 1000);
      const answers = upstreamAnswered(verdict);
      if (answers !== undefined) up.set({ provider }, answers ? 1 : 0);
    },
  };
}

/** Whether the verdict shows the upstream alive; undefined when the upstream was not asked. */
export function upstreamAnswered(verdict: Verdict<unknown>): boolean | undefined {
  if (verdict.kind === 'authenticated') return true;
  const row = describeReason(verdict.reason);
  if (row.local === true) return undefined;
  return verdict.kind !== 'unavailable';
}

function finder<T>(metrics: ReadonlyMap<string, T>): (name: MetricName) => T {
  return (name) => {
    const metric = metrics.get(name);
    if (metric === undefined) throw new TypeError(`${name} is a ${METRICS[name].type}`);
    return metric;
  };
}
