// A kept connection to a real server, the questions that are asked over it, and what was counted.

import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/core/seams.ts';
import { type KeptConnection, keepConnection } from '../../../src/stores/kept-connection.ts';
import { type Ask, asker, type StoreObserver } from '../../../src/stores/questions.ts';
import { connectRedis, type RedisSettings } from '../../../src/stores/redis.ts';
import { shortText } from '../../../src/stores/shared-verdicts.ts';
import { type Redis, startRedis } from '../rig/redis.ts';
import { waitFor } from '../rig/wait.ts';

const TIMEOUT_MS = 50;

export interface Store {
  readonly kept: KeptConnection;
  readonly ask: Ask;
  readonly results: string[];
  attempts(): number;
  /** One question, and what was counted for it. */
  question(): Promise<string>;
}

/** Kept until the test ends; each question may take 50 ms. */
export function open(t: TestContext, settings: RedisSettings): Store {
  const results: string[] = [];
  let attempts = 0;
  const observer: StoreObserver = {
    asked: (operation, result) => void (operation === 'probe' || results.push(result)),
    up: () => undefined,
  };
  const kept = keepConnection({
    clock: systemClock,
    log: () => undefined,
    observer,
    probeKey: `kab:probe:${randomUUID()}`,
    connect: (lost) => {
      attempts += 1;
      return connectRedis(settings, lost);
    },
  });
  t.after(() => kept.close());
  const ask = asker({ connection: kept, observer, clock: systemClock, timeoutMs: TIMEOUT_MS });
  const question = async (): Promise<string> => {
    await ask('verdict_get', async (connection) => {
      const text = await shortText(connection, 'kab:x');
      return text === undefined
        ? { kind: 'rejected' }
        : text === ''
          ? { kind: 'miss' }
          : { kind: 'found', value: text };
    });
    return results.at(-1) ?? 'nothing';
  };
  return { kept, ask, results, attempts: () => attempts, question };
}

export async function server(t: TestContext, ...options: Parameters<typeof startRedis>): Promise<Redis> {
  const redis = await startRedis(...options);
  t.after(() => redis.stop());
  return redis;
}

export const untilUp = ({ kept }: Store): Promise<true> =>
  waitFor('the store', () => kept.fault() === undefined || undefined);
export const untilDown = ({ kept }: Store): Promise<string> => waitFor('the loss of the store', () => kept.fault());
