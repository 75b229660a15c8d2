// `npm run soak -- --minutes 5 --rate 60 --seed 1`: load and faults for as long as wanted; exits 1 on a violated invariant.

import { parseArgs } from 'node:util';
import { worldMissing } from '../live/resilience/support/world.ts';
import { type SoakResult, soak } from './run.ts';

const options = {
  minutes: { type: 'string', default: '5' },
  rate: { type: 'string', default: '60' },
  seed: { type: 'string' },
} as const;
const { values } = parseArgs({ options });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const missing = worldMissing();
  if (missing !== false) {
    say(missing);
    return 1;
  }
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  say(`${minutes} minutes at ${rate} reviews a second, seed ${seed}`);
  const result = await soak({ minutes, rate, seed, say });
  report(result);
  const violations = result.invariants.violations();
  for (const violation of violations) say(violation);
  say(violations.length === 0 ? 'every invariant held' : `${violations.length} violations, seed ${seed}`);
  return violations.length === 0 ? 0 : 1;
}

function report({ invariants, samples, faults }: SoakResult): void {
  const [first, last] = [samples[0], samples.at(-1)];
  say('\nfault                                     times  well again after');
  for (const [name, { times, recoveredMs }] of [...faults].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    say(`${name.padEnd(40)}  ${String(times).padStart(5)}  ${recoveredMs.toFixed(0).padStart(6)} ms`);
  }
  say('\nreviews');
  for (const [name, count] of Object.entries(invariants.counts()))
    say(`${name.padEnd(40)}  ${String(count).padStart(5)}`);
  say(`slowest answer${' '.repeat(26)}  ${invariants.slowestMs().toFixed(0).padStart(5)} ms`);
  if (first === undefined || last === undefined) return;
  say('\nat rest          first   last');
  for (const key of ['heapMiB', 'rssMiB', 'fds', 'timers'] as const) {
    say(`${key.padEnd(15)} ${first[key].toFixed(0).padStart(6)} ${last[key].toFixed(0).padStart(6)}`);
  }
  say('');
}
