// Who logs in at several brokers: the right passwords of many, guesses at a few, issued tokens, and tokens that were revoked.

import type { Random } from '../fuzz/random.ts';
import type { Reviewed } from '../live/resilience/support/go-client.ts';
import type { Broker } from '../live/support/broker.ts';
import { outcomeOf } from '../live/support/review.ts';
import type { Invariants } from './invariants.ts';
import type { IssuedToken, SharedWorld } from './shared-world.ts';
import { CANARY, type Expected } from './traffic.ts';

export interface SharedTraffic {
  /** From now on a good token; no more of either; one that must be refused. */
  welcome(token: IssuedToken): void;
  forget(token: IssuedToken): void;
  refuse(token: IssuedToken): void;
  setFault(isFaulty: boolean): void;
  /** Of right passwords, in milliseconds, while the store was well and while it was not. */
  readonly latencies: { readonly well: number[]; readonly faulty: number[] };
  /** Resolves once everything is answered. */
  stop(): Promise<void>;
}

export interface SharedTrafficSettings {
  readonly rate: number;
  /** The first of them, as many as `victims`, are guessed at and never log in. */
  readonly users: number;
  readonly victims: number;
}

export function startSharedTraffic(
  world: SharedWorld,
  { rate, users, victims }: SharedTrafficSettings,
  random: Random,
  invariants: Invariants,
): SharedTraffic {
  const [welcome, refused] = [new Set<string>(), new Set<string>()];
  const latencies = { well: [] as number[], faulty: [] as number[] };
  const underWay = new Set<Promise<unknown>>();
  let [isFaulty, count] = [false, 0];
  const next = (): Expected => {
    count += 1;
    const path = '/authenticate';
    const issued = random.oneIn(10) ? [...welcome][random.below(welcome.size)] : undefined;
    if (issued !== undefined) return { path, truth: 'good', token: issued };
    const revoked = random.oneIn(5) ? [...refused][random.below(refused.size)] : undefined;
    if (revoked !== undefined) return { path, truth: 'bad', token: revoked };
    if (random.oneIn(4)) return { path, truth: 'bad', token: `user${random.below(victims)}:${CANARY}-${count}` };
    const name = `user${victims + random.below(users - victims)}`;
    return { path, truth: 'good', token: `${name}:pw-${name}` };
  };
  const send = async (broker: Broker): Promise<void> => {
    const expected = next();
    const answer = await reviewed(broker, expected);
    // A broker that was ended meanwhile owes no answer.
    if (answer.outcome === 'failed' && !world.serving().includes(broker)) return;
    invariants.answered(expected, answer, true);
    if (expected.truth === 'good') latencies[isFaulty ? 'faulty' : 'well'].push(answer.tookMs);
  };
  const timer = setInterval(() => {
    const serving = world.serving();
    const broker = serving[random.below(serving.length)];
    if (broker === undefined) return;
    const one: Promise<unknown> = send(broker).finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1000 / rate);
  return {
    latencies,
    welcome: ({ token }) => void welcome.add(token),
    forget: ({ token }) => void welcome.delete(token),
    refuse: ({ token }) => void refused.add(token),
    setFault: (value) => {
      isFaulty = value;
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

async function reviewed(broker: Broker, { token, path }: Expected): Promise<Reviewed> {
  const startedMs = performance.now();
  try {
    const answer = await broker.review(token, { path });
    const tookMs = performance.now() - startedMs;
    return { outcome: outcomeOf(answer), id: answer.id, tookMs, startedMs, body: answer.text };
  } catch (error) {
    return { outcome: 'failed', failure: String(error), tookMs: performance.now() - startedMs, startedMs, body: '' };
  }
}
