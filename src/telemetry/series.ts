// Series that are filled as plain numbers, and become prom-client's when somebody scrapes.

import { type Counter, Histogram, type Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** One series of a counter. */
export interface CounterSeries {
  inc(): void;
}

/** One series of a histogram of durations. */
export interface DurationSeries {
  observe(seconds: number): void;
}

/** A histogram of durations; `series` finds one for good, which spares a hot path the search. */
export interface Durations {
  observe(labels: Labels, seconds: number): void;
  series(labels: Labels): DurationSeries;
}

/** Counts from one scrape to the next; `flush` hands the count on. A series that nobody used yet is not shown. */
export function counterSeries(counter: Counter, labels: Labels): CounterSeries & { flush(): void } {
  let pending = 0;
  return {
    inc: () => {
      pending += 1;
    },
    flush: () => {
      if (pending > 0) counter.inc(labels, pending);
      pending = 0;
    },
  };
}

export interface HistogramSettings {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[];
}

/**
 * A histogram that finds a bucket by comparing numbers: prom-client's own writes every bound out as text for each
 * observation, to use it as the name of a property.
 */
export function durations(settings: HistogramSettings, registry: Registry): Durations {
  const known = new Map<string, FilledSeries>();
  const { name, help, labelNames, buckets } = settings;
  const metric = new Histogram({
    name,
    help,
    labelNames: [...labelNames],
    buckets: [...buckets],
    registers: [registry],
  });
  // What prom-client's own histogram has, and its registry and its get() ask for.
  const getForPromString = (): Promise<object> => {
    const values = [...known.values()].flatMap((series) => series.values());
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  };
  Object.assign(metric, { getForPromString });
  const series = (labels: Labels): DurationSeries => {
    const key = labelNames.map((label) => labels[label]).join('\n');
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = filledSeries(settings, labels);
    known.set(key, made);
    return made;
  };
  return { series, observe: (labels, seconds) => series(labels).observe(seconds) };
}

interface Value {
  readonly metricName: string;
  readonly labels: { readonly le?: number | '+Inf' };
  readonly sharedLabels: Labels;
  readonly value: number;
}

interface FilledSeries extends DurationSeries {
  values(): Value[];
}

function filledSeries({ name, buckets }: HistogramSettings, labels: Labels): FilledSeries {
  const counts = buckets.map(() => 0);
  let count = 0;
  let sum = 0;
  const valueOf = (part: string, value: number, itsLabels: Value['labels'] = {}): Value => ({
    metricName: `${name}_${part}`,
    labels: itsLabels,
    sharedLabels: labels,
    value,
  });
  return {
    observe: (seconds) => {
      count += 1;
      sum += seconds;
      for (let at = 0; at < buckets.length; at++) {
        if (seconds > (buckets[at] ?? 0)) continue;
        counts[at] = (counts[at] ?? 0) + 1;
        return;
      }
    },
    values: () => {
      let below = 0;
      const bounded = buckets.map((le, at) => valueOf('bucket', (below += counts[at] ?? 0), { le }));
      return [...bounded, valueOf('bucket', count, { le: '+Inf' }), valueOf('sum', sum), valueOf('count', count)];
    },
  };
}
