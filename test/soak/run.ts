// One soak: mixed load, one fault after the other, and checks that never stop.

import { type Random, seededRandom } from '../fuzz/random.ts';
import { startWorld, type World } from '../live/resilience/support/world.ts';
import { SERVICE } from '../live/rig/slapd-data.ts';
import { waitFor } from '../live/rig/wait.ts';
import { spellingsIn } from '../support/sinks.ts';
import { SOAK_FAULTS, type SoakFault } from './faults.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { COLLECTOR, growthIn, type Sample, sampleOf } from './samples.ts';
import { CANARY, nextReview } from './traffic.ts';

export interface SoakSettings {
  readonly minutes: number;
  /** Reviews a second. */
  readonly rate: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly invariants: Invariants;
  readonly samples: readonly Sample[];
  /** Fault → how often, and the longest time until its upstream was well again. */
  readonly faults: ReadonlyMap<string, { readonly times: number; readonly recoveredMs: number }>;
}

const FAULT_MS = { least: 800, most: 3500 };
const RECOVERS_WITHIN_MS = 5000;
/** What was asked while something was broken has its answer by then, and whoever joined it. */
const OLD_LOOKUPS_MS = 3000;
const WELL_MS = 1500;
const USERS = 1000;

export async function soak(settings: SoakSettings): Promise<SoakResult> {
  const { minutes, seed, say } = settings;
  const random = seededRandom(seed);
  const world = await startWorld({
    users: USERS,
    nodeOptions: `--max-old-space-size=192 ${COLLECTOR}`,
    settings: { cache: { authenticatedTTL: '1s', rejectedTTL: '1s' }, log: { level: 'debug' } },
  });
  const invariants = createInvariants(say);
  const traffic = startTraffic(world, settings, random, invariants);
  const endMs = performance.now() + minutes * 60_000;
  const samples: Sample[] = [];
  const faults = new Map<string, { times: number; recoveredMs: number }>();
  try {
    while (performance.now() < endMs) {
      const fault = SOAK_FAULTS[random.below(SOAK_FAULTS.length)];
      if (fault === undefined) continue;
      /* oxlint-disable no-await-in-loop -- one fault after the other */
      const recoveredMs = await suffer(world, fault, random, traffic, invariants);
      const { times = 0, recoveredMs: most = 0 } = faults.get(fault.name) ?? {};
      faults.set(fault.name, { times: times + 1, recoveredMs: Math.max(most, recoveredMs) });
      await traffic.pause();
      const sample = await sampleOf(world.program);
      traffic.resume();
      /* oxlint-enable no-await-in-loop */
      samples.push(sample);
      say(progressLine(endMs, invariants, sample, fault.name, recoveredMs));
    }
    await traffic.pause();
    for (const grown of growthIn(samples)) invariants.violated('heap, descriptors and timers are flat', grown);
    await checkSinks(world, invariants);
  } finally {
    traffic.stop();
    await world.stop();
  }
  return { invariants, samples, faults };
}

/** Breaks and mends one thing; resolves to how long it took until logins went through again. */
async function suffer(
  world: World,
  fault: SoakFault,
  random: Random,
  traffic: Traffic,
  invariants: Invariants,
): Promise<number> {
  traffic.setWell(false);
  await fault.begin(world);
  await pause(FAULT_MS.least + random.below(FAULT_MS.most - FAULT_MS.least));
  await fault.end(world);
  const mendedMs = performance.now();
  await waitFor('both upstreams to be well', async () => {
    const name = `user${40 + random.below(8)}`;
    const [ldap, web] = await Promise.all([
      world.client.review(`${name}:pw-${name}`),
      world.client.review('bob:pw-bob', { path: '/web' }),
    ]);
    return (ldap.outcome === 'authenticated' && web.outcome === 'authenticated') || undefined;
  }).catch(() => invariants.violated('well again within 5 s', `${fault.name}: not within 15 s`));
  const recoveredMs = performance.now() - mendedMs;
  if (recoveredMs > RECOVERS_WITHIN_MS)
    invariants.violated('well again within 5 s', `${fault.name}: ${recoveredMs} ms`);
  await pause(Math.max(0, mendedMs + OLD_LOOKUPS_MS - performance.now()));
  traffic.setWell(true);
  await pause(WELL_MS);
  return recoveredMs;
}

interface Traffic {
  setWell(isWell: boolean): void;
  /** Resolves once everything is answered. */
  pause(): Promise<void>;
  resume(): void;
  stop(): void;
}

function startTraffic(world: World, { rate }: SoakSettings, random: Random, invariants: Invariants): Traffic {
  const underWay = new Set<Promise<unknown>>();
  let isPaused = false;
  let count = 0;
  /** Counts changes of health: a review during which it changed proves nothing about recovery. */
  let epoch = 0;
  let isWell = false;
  const send = async (): Promise<void> => {
    count += 1;
    const expected = nextReview(random, count);
    const [sentIn, wasWell] = [epoch, isWell];
    const answer = await world.client.review(expected.token, { path: expected.path });
    invariants.answered(expected, answer, wasWell && sentIn === epoch);
  };
  const timer = setInterval(() => {
    if (isPaused) return;
    const one: Promise<unknown> = send().finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1000 / rate);
  return {
    setWell: (next) => {
      isWell = next;
      epoch += 1;
    },
    pause: async () => {
      isPaused = true;
      await Promise.all(underWay);
    },
    resume: () => {
      isPaused = false;
    },
    stop: () => clearInterval(timer),
  };
}

async function checkSinks({ program }: World, invariants: Invariants): Promise<void> {
  const sinks = { log: program.output(), metrics: await program.scrape() };
  for (const secret of [CANARY, 'pw-user7', 'pw-alice', SERVICE.password]) {
    for (const [sink, text] of Object.entries(sinks)) {
      for (const spelling of spellingsIn(text, secret))
        invariants.violated('no secret in any sink', `${sink}: ${spelling}`);
    }
  }
  for (const message of ['internal error', 'uncaught error']) {
    if (program.lines(message).length > 0) invariants.violated('no bug is met', message);
  }
  if (program.hasEnded()) invariants.violated('the program goes on', 'it has ended');
}

function progressLine(
  endMs: number,
  invariants: Invariants,
  sample: Sample,
  fault: string,
  recoveredMs: number,
): string {
  const leftS = Math.max(0, (endMs - performance.now()) / 1000).toFixed(0);
  const { 'good authenticated': good = 0, 'good unavailable': out = 0, 'bad rejected': bad = 0 } = invariants.counts();
  const { heapMiB, rssMiB, fds, timers } = sample;
  const at = `heap ${heapMiB.toFixed(0)} MiB, rss ${rssMiB.toFixed(0)} MiB, ${fds} fds, ${timers} timers`;
  const problems = invariants.violations().length;
  return `${leftS} s left: ${good} in, ${bad} refused, ${out} could not tell, ${problems} violations; ${at}; ${fault}, well after ${recoveredMs.toFixed(0)} ms`;
}

async function pause(durationMs: number): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, durationMs));
}
