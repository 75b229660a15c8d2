// Turns the metric table into prom-client metrics behind the few calls that the program makes.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { METRIC_PREFIX, METRICS, type MetricName, type MetricRow } from './metric-table.ts';
import { type CounterSeries, counterSeries, type Durations, durations, type Labels } from './series.ts';

/** The metrics of one process; label values are always from closed sets. */
export interface Metrics {
  readonly registry: Registry;
  counter(name: MetricName): Counter;
  /** One series of a counter for a hot path, to be asked for once. */
  counterSeries(name: MetricName, labels: Labels): CounterSeries;
  gauge(name: MetricName): Gauge;
  histogram(name: MetricName): Durations;
  /** Gauges that are cheaper to read than to keep are set just before each scrape. */
  beforeScrape(set: () => void): void;
  /** The Prometheus text format. */
  scrape(): Promise<string>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Durations>();
  for (const [name, row] of Object.entries(METRICS)) {
    const settings = { name: METRIC_PREFIX + name, help: row.help, labelNames: row.labels, registers: [registry] };
    if (row.type === 'counter') counters.set(name, new Counter(settings));
    else if (row.type === 'gauge') gauges.set(name, gauge(settings, row));
    else histograms.set(name, durations({ ...settings, buckets: row.buckets ?? [] }, registry));
  }
  const setters: (() => void)[] = [];
  return {
    registry,
    counter: finder(counters),
    counterSeries: (name, labels) => {
      const series = counterSeries(finder(counters)(name), labels);
      setters.push(() => series.flush());
      return series;
    },
    gauge: finder(gauges),
    histogram: finder(histograms),
    beforeScrape: (set) => void setters.push(set),
    scrape: () => {
      for (const set of setters) set();
      return registry.metrics();
    },
  };
}

function gauge(settings: ConstructorParameters<typeof Gauge>[0], { absentUntilSet }: MetricRow): Gauge {
  const made = new Gauge(settings);
  // prom-client starts a gauge without labels at 0.
  if (absentUntilSet === true) made.remove();
  return made;
}

/** Sums of other gauges that prom-client names as if they were counters; promtool's linter remarks on them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Adds what Node tells of itself: CPU, memory, event-loop lag, garbage collection. */
export function collectProcessMetrics({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}

function finder<T>(metrics: ReadonlyMap<string, T>): (name: MetricName) => T {
  return (name) => {
    const metric = metrics.get(name);
    if (metric === undefined) throw new TypeError(`${name} is a ${METRICS[name].type}`);
    return metric;
  };
}
