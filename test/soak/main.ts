// `npm run soak -- --minutes 5 --rate 60 --seed 1`: load and faults for as long as wanted; exits 1 on a violated invariant.
// `--brokers 3 --every 20`: several brokers with one store, which alone breaks, every 20 s.

import { parseArgs } from 'node:util';
import { percentile } from '../bench/statistics.ts';
import { worldMissing } from '../live/resilience/support/world.ts';
import type { Invariants } from './invariants.ts';
import { type SoakResult, type SoakSettings, soak } from './run.ts';
import { type SharedSoakSettings, sharedSoak } from './shared-run.ts';
import { sharedWorldMissing } from './shared-world.ts';

const options = {
  minutes: { type: 'string', default: '5' },
  rate: { type: 'string', default: '60' },
  seed: { type: 'string' },
  brokers: { type: 'string', default: '1' },
  every: { type: 'string', default: '20' },
} as const;
const { values } = parseArgs({ options });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const brokers = Number(values.brokers);
  const missing = brokers > 1 ? sharedWorldMissing() : worldMissing();
  if (missing !== false) {
    say(missing);
    return 1;
  }
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  say(`${minutes} minutes at ${rate} reviews a second, seed ${seed}`);
  const common = { minutes, rate, seed, say };
  const invariants =
    brokers > 1 ? await soakShared({ ...common, brokers, everyS: Number(values.every) }) : await soakOne(common);
  const violations = invariants.violations();
  for (const violation of violations) say(violation);
  say(violations.length === 0 ? 'every invariant held' : `${violations.length} violations, seed ${seed}`);
  return violations.length === 0 ? 0 : 1;
}

async function soakOne(settings: SoakSettings): Promise<Invariants> {
  const result = await soak(settings);
  report(result);
  return result.invariants;
}

async function soakShared(settings: SharedSoakSettings): Promise<Invariants> {
  const { invariants, faults, mostFailures, revokedMs, latencies } = await sharedSoak(settings);
  say(`\n${faults.length} faults of the store; a revocation was in force everywhere within ${revokedMs.toFixed(0)} ms`);
  say(`the directory counted ${mostFailures} failures for the one that it counted most for`);
  for (const [name, took] of Object.entries(latencies)) {
    const sorted = took.toSorted((a, b) => a - b);
    const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)].map((ms) => ms.toFixed(0));
    say(`right passwords, store ${name}: ${took.length}, p50 ${p50} ms, p99 ${p99} ms`);
  }
  reportCounts(invariants);
  return invariants;
}

function reportCounts(invariants: Invariants): void {
  say('\nreviews');
  for (const [name, count] of Object.entries(invariants.counts()))
    say(`${name.padEnd(40)}  ${String(count).padStart(5)}`);
  say(`slowest answer${' '.repeat(26)}  ${invariants.slowestMs().toFixed(0).padStart(5)} ms`);
}

function report({ invariants, samples, faults }: SoakResult): void {
  const [first, last] = [samples[0], samples.at(-1)];
  say('\nfault                                     times  well again after');
  for (const [name, { times, recoveredMs }] of [...faults].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    say(`${name.padEnd(40)}  ${String(times).padStart(5)}  ${recoveredMs.toFixed(0).padStart(6)} ms`);
  }
  reportCounts(invariants);
  if (first === undefined || last === undefined) return;
  say('\nat rest          first   last');
  for (const key of ['heapMiB', 'rssMiB', 'fds', 'timers'] as const) {
    say(`${key.padEnd(15)} ${first[key].toFixed(0).padStart(6)} ${last[key].toFixed(0).padStart(6)}`);
  }
  say('');
}
