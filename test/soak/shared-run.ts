// One soak of several brokers with one store: mixed reviews at all of them, a fault of the store every while, checks throughout.

import { type Random, seededRandom } from '../fuzz/random.ts';
import { PEOPLE } from '../live/rig/slapd-data.ts';
import { waitFor } from '../live/rig/wait.ts';
import type { Broker } from '../live/support/broker.ts';
import { patient } from '../support/patience.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { SHARED_FAULTS, type SharedFault } from './shared-faults.ts';
import { type SharedTraffic, startSharedTraffic } from './shared-traffic.ts';
import { hasStore, type IssuedToken, type SharedWorld, startSharedWorld } from './shared-world.ts';

export interface SharedSoakSettings {
  readonly minutes: number;
  /** Reviews a second, at all brokers together. */
  readonly rate: number;
  readonly seed: number;
  readonly brokers: number;
  /** From one fault to the next; each lasts half of it. */
  readonly everyS: number;
  readonly say: (line: string) => void;
}

export interface SharedSoakResult {
  readonly invariants: Invariants;
  /** What the directory counted for the one that it counted most for. */
  readonly mostFailures: number;
  /** From `issuer revoke` to its end on every broker, at worst. */
  readonly revokedMs: number;
  readonly latencies: SharedTraffic['latencies'];
  readonly faults: readonly string[];
}

const USERS = 2000;
const VICTIMS = 20;
const MAX_FAILED_PASSWORDS = 3;
const MOST_RESTARTS = 5;
/** `shared_state_up` and the end of an issued token. */
const TOLD_WITHIN_MS = 5000;
const REVOKED_WITHIN_MS = 1000;
/** Attempts of each broker and of its listener while the store is away, with room for those of commands. */
const MOST_CONNECTIONS_EACH = 40;

interface Soak {
  readonly settings: SharedSoakSettings;
  readonly world: SharedWorld;
  readonly traffic: SharedTraffic;
  readonly invariants: Invariants;
}

export async function sharedSoak(settings: SharedSoakSettings): Promise<SharedSoakResult> {
  const { brokers, seed, say } = settings;
  const random = seededRandom(seed);
  // More than brokers that each count for themselves can let through, some of which start anew.
  const lockedAfter = MAX_FAILED_PASSWORDS * (brokers + MOST_RESTARTS) + 1;
  const world = await startSharedWorld({
    brokers,
    users: USERS,
    maxFailedPasswords: MAX_FAILED_PASSWORDS,
    lockedAfter,
  });
  const invariants = createInvariants(say);
  const traffic = startSharedTraffic(world, { ...settings, users: USERS, victims: VICTIMS }, random, invariants);
  const faults: string[] = [];
  let revokedMs = 0;
  try {
    const endMs = performance.now() + settings.minutes * 60_000;
    const soak = { settings, world, traffic, invariants };
    for (const fault of inTurn(random)) {
      if (performance.now() >= endMs || world.brokers.some((broker) => broker.hasEnded())) break;
      /* oxlint-disable no-await-in-loop -- one fault after the other */
      revokedMs = Math.max(revokedMs, await revokeOne(soak));
      await suffer(soak, fault);
      /* oxlint-enable no-await-in-loop */
      faults.push(fault.name);
      say(`${Math.max(0, (endMs - performance.now()) / 1000).toFixed(0)} s left, ${fault.name}: ${told(invariants)}`);
    }
    for (const broker of world.brokers)
      if (broker.hasEnded()) invariants.violated('the programs go on', lastLines(broker));
    await traffic.stop();
    for (const line of linesOfViolations(world, invariants)) say(line);
    const mostFailures = await failuresIn(world, invariants);
    return { invariants, mostFailures, revokedMs, latencies: traffic.latencies, faults };
  } finally {
    await traffic.stop();
    await world.stop();
  }
}

/** Every fault once in an order of its own, then again. */
function* inTurn(random: Random): Generator<SharedFault> {
  for (;;) {
    const left = [...SHARED_FAULTS];
    while (left.length > 0) yield* left.splice(random.below(left.length), 1);
  }
}

/** Revokes a token that was good; resolves to how long it took until no broker took it any more. */
async function revokeOne({ world, traffic, invariants }: Soak): Promise<number> {
  const issued = world.issue();
  traffic.welcome(issued);
  await pause(500);
  traffic.forget(issued);
  const isDone = await waitFor('the store', async () => (await world.revoke(issued)) || undefined).catch(() => false);
  if (!isDone) invariants.violated('a store that is well takes revocations', issued.jti);
  if (!isDone) return 0;
  const sinceMs = performance.now();
  await Promise.all(world.serving().map((broker) => refused(broker, issued, invariants)));
  const tookMs = performance.now() - sinceMs;
  if (tookMs > patient(REVOKED_WITHIN_MS)) invariants.violated('revoked everywhere within 1 s', `${tookMs} ms`);
  traffic.refuse(issued);
  return tookMs;
}

async function refused(broker: Broker, { token, jti }: IssuedToken, invariants: Invariants): Promise<void> {
  await waitFor('the end of a revoked token', async () => {
    const { status } = await broker.review(token);
    return status.authenticated ? undefined : true;
  }).catch(() => invariants.violated('revoked everywhere within 1 s', `${jti}: never`));
}

async function suffer({ settings, world, traffic, invariants }: Soak, fault: SharedFault): Promise<void> {
  const { way, brokers } = world;
  const halfMs = settings.everyS * 500;
  const [before, beganMs] = [way.connections(), performance.now()];
  traffic.setFault(true);
  await fault.begin(world);
  if (fault.isLoss) await says(brokers, 0, fault, invariants);
  await pause(beganMs + halfMs - performance.now());
  await fault.end(world);
  traffic.setFault(false);
  await says(brokers, 1, fault, invariants);
  await pause(beganMs + 2 * halfMs - performance.now());
  const made = way.connections() - before;
  if (made > MOST_CONNECTIONS_EACH * brokers.length) {
    invariants.violated('no storm of connections', `${fault.name}: ${made}`);
  }
}

async function says(
  brokers: readonly Broker[],
  up: 0 | 1,
  { name }: SharedFault,
  invariants: Invariants,
): Promise<void> {
  const isTold = async (broker: Broker) => (((await hasStore(broker)) === true) === (up === 1) ? true : undefined);
  await Promise.all(
    brokers.map((broker) =>
      waitFor(`shared_state_up ${up}`, () => isTold(broker), patient(TOLD_WITHIN_MS)).catch(() =>
        invariants.violated('the state of the store is told within 5 s', `${name}: not ${up}`),
      ),
    ),
  );
}

/**
 * The most that the directory counted for one of those who were guessed at. Without the store each broker has a budget of its
 * own, and one that starts anew has another: no more may be let through in any order of faults, and nobody locked.
 */
async function failuresIn(world: SharedWorld, invariants: Invariants): Promise<number> {
  const { slapd, brokers } = world;
  const most = MAX_FAILED_PASSWORDS * (brokers.length + world.restarts());
  const victims = Array.from({ length: VICTIMS }, (_, index) => `uid=user${index},${PEOPLE}`);
  const all = await Promise.all(victims.map((dn) => slapd.operationalAttributes(dn)));
  const failures = all.map(({ pwdFailureTime = [] }) => pwdFailureTime.length);
  for (const [at, { pwdAccountLockedTime }] of all.entries()) {
    const isOver = pwdAccountLockedTime !== undefined || (failures[at] ?? 0) > most;
    if (isOver)
      invariants.violated('the directory locks nobody', `${victims[at]}: ${failures[at]} of ${most} failures`);
  }
  return Math.max(...failures);
}

/** What the brokers wrote of the reviews that violated something. */
function linesOfViolations({ brokers }: SharedWorld, invariants: Invariants): readonly string[] {
  const found = invariants.violations().map((line) => / review (?<id>[\w-]+):/.exec(line)?.groups?.['id']);
  const ids = new Set(found);
  const lines = brokers.flatMap((broker) => broker.lines('review'));
  return lines.filter(({ id }) => ids.has(String(id))).map((line) => JSON.stringify(line));
}

function lastLines(broker: Broker): string {
  return broker.output().split('\n').slice(-20).join('\n');
}

function told(invariants: Invariants): string {
  const { 'good authenticated': good = 0, ...others } = invariants.counts();
  const bad = Object.entries(others)
    .filter(([name]) => name.startsWith('bad'))
    .reduce((sum, [, count]) => sum + count, 0);
  return `${good} in, ${bad} kept out, ${invariants.violations().length} violations`;
}

async function pause(durationMs: number): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, Math.max(0, durationMs)));
}
