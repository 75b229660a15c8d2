// Contenders take turns, so that whatever else the machine does hurts each of them as often.

import { median, medianInterval, percentile } from './statistics.ts';

/** What one contender did in one round. */
export interface Sample {
  readonly requests: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** In milliseconds, sorted. */
  readonly latencies: readonly number[];
}

export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Sample>;
}

/** Medians over the rounds; the ratios are those within each round, to the first contender. */
export interface Result {
  readonly name: string;
  readonly cpuUs: number;
  readonly cpuRatio: number;
  /** Where that ratio lies, see {@link medianInterval}. */
  readonly cpuRatioInterval: readonly [number, number];
  readonly rounds: number;
  readonly perSecond: number;
  readonly speedRatio: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One round more than counted comes first, to warm up. */
export async function alternate(contenders: readonly Contender[], rounds: number): Promise<readonly Result[]> {
  const samples: Sample[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const row: Sample[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one after the other is the point
    for (const { run } of contenders) row.push(await run());
    if (round > 0) samples.push(row);
  }
  return contenders.map(({ name }, at) => resultOf(name, samples, at));
}

const cpuUs = ({ cpuSeconds, requests }: Sample): number => (cpuSeconds * 1e6) / requests;
const perSecond = ({ requests, wallSeconds }: Sample): number => requests / wallSeconds;

function resultOf(name: string, rounds: readonly (readonly Sample[])[], at: number): Result {
  const pairs = rounds.flatMap((row) => {
    const [base, own] = [row[0], row[at]];
    return base === undefined || own === undefined ? [] : [{ base, own }];
  });
  const over = (value: (pair: { base: Sample; own: Sample }) => number): number => median(pairs.map(value));
  return {
    name,
    cpuUs: over(({ own }) => cpuUs(own)),
    cpuRatio: over(({ own, base }) => cpuUs(own) / cpuUs(base)),
    cpuRatioInterval: medianInterval(pairs.map(({ own, base }) => cpuUs(own) / cpuUs(base))),
    rounds: pairs.length,
    perSecond: over(({ own }) => perSecond(own)),
    speedRatio: over(({ own, base }) => perSecond(own) / perSecond(base)),
    p50Ms: over(({ own }) => percentile(own.latencies, 0.5)),
    p99Ms: over(({ own }) => percentile(own.latencies, 0.99)),
  };
}
