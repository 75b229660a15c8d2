// What a shared store costs: a review that is remembered here, and one that is not, beside a broker that remembers for itself.

import { type Redis, redisMissing, startRedis } from '../live/rig/redis.ts';
import { type Broker, startBroker, TOKENS } from './broker.ts';
import { type Served, withConnections } from './http-contender.ts';
import { tokenReviewRequest } from './load.ts';
import { alternate, type Result } from './rounds.ts';
import type { Row } from './table.ts';

const ROUNDS = 7;
const [CACHED, FORGETTING] = [3000, 600];
const IN_FLIGHT = 8;
const FORGETS = { authenticatedTTL: '0s', rejectedTTL: '0s' } as const;
/** A hit costs the same: the bound is what two equal brokers differ by in one run. */
const SAME = 1.1;

export async function sharedRows(): Promise<readonly Row[]> {
  const missing = redisMissing();
  if (missing !== false) return [{ what: 'reviews with a shared store', measured: `not measured: ${missing}` }];
  const redis = await startRedis();
  const rows = [
    ...(await compared(redis, 'cached')),
    await weightIn(redis, 'a remembered verdict', 'kab:verdict:*'),
    await weightIn(redis, 'an accepted password', 'kab:failed:*:verified'),
    ...(await compared(redis, 'uncached')),
  ];
  await redis.stop();
  return rows;
}

/** Of the store's own memory, key and all. */
async function weightIn(redis: Redis, what: string, pattern: string): Promise<Row> {
  const keys = await redis.command('KEYS', pattern);
  const weights = Array.isArray(keys)
    ? await Promise.all(keys.map((key) => redis.command('MEMORY', 'USAGE', String(key))))
    : [];
  const bytes = weights.map(Number).reduce((sum, weight) => sum + weight, 0) / weights.length;
  return { what: `${what}, in the store`, measured: `${bytes.toFixed(0)} B` };
}

/** Users of a file, so that the store is nearly all that a review waits for. */
async function compared(redis: Redis, which: 'cached' | 'uncached'): Promise<readonly Row[]> {
  const cache = which === 'cached' ? {} : { cache: FORGETS };
  const shared = { redis: { urls: [redis.url.href] }, key: { env: 'SHARED_KEY' } };
  const env = { SHARED_KEY: 'k'.repeat(48) };
  const [alone, sharing] = [await startBroker(cache), await startBroker({ ...cache, shared, env })];
  const requests = which === 'cached' ? CACHED : FORGETTING;
  const served = [
    servedBy(`${which}, alone`, alone, requests),
    servedBy(`${which}, with a shared store`, sharing, requests),
  ];
  const results = await withConnections(served, IN_FLIGHT, (open) => alternate(open, ROUNDS));
  const [asked, waited] = await Promise.all(['', 'operation="verdict_get"'].map((label) => questions(sharing, label)));
  await Promise.all([alone.stop(), sharing.stop()]);
  const reviews = requests * (ROUNDS + 1);
  const told = { what: `questions to the store, ${which}`, measured: perReview(asked, waited, reviews) };
  return [...results.map((result, at) => rowOf(result, which === 'cached' && at === 1)), told];
}

function servedBy(name: string, { target, pid }: Broker, requests: number): Served {
  const all = TOKENS.map((token) => tokenReviewRequest('/authenticate', token));
  return { name, target, pid, requests, request: (index) => all[index % all.length] ?? Buffer.alloc(0) };
}

function questions(broker: Broker, label: string): Promise<number> {
  return broker.metric('authbroker_shared_state_requests_total', label);
}

function perReview(asked: number | undefined, waited: number | undefined, reviews: number): string {
  const of = (count = 0): string => (count / reviews).toFixed(2);
  return `${of(asked)} a review, ${of(waited)} for verdicts`;
}

function rowOf({ name, cpuUs, cpuRatio: ratio, p50Ms, p99Ms }: Result, isBounded: boolean): Row {
  const row = { what: name, cpuUs, ratio, p50Ms, p99Ms };
  return isBounded ? { ...row, target: { says: `<= ${SAME} x alone`, isReached: ratio <= SAME } } : row;
}
