// What several brokers remember together, over one kept connection: opened once for as long as its settings stay the same.

import { isDeepStrictEqual } from 'node:util';
import type { Seams } from '../core/seams.ts';
import type { Secret } from '../core/secret.ts';
import { type KeptConnection, keepConnection } from './kept-connection.ts';
import { type Ask, asker, type StoreObserver } from './questions.ts';
import type { RedisConnection, RedisSettings } from './redis.ts';
import { type Sealer, sealer } from './sealed.ts';

export interface SharedSettings {
  readonly redis: RedisSettings;
  /** In front of every key and channel. */
  readonly keyPrefix: string;
  /** Of one question. */
  readonly timeoutMs: number;
  /** Seals values and keys fingerprints; the same on every broker. */
  readonly key: Secret;
  readonly verdicts: boolean;
  /** How old the last known revocations may get while the store is lost. */
  readonly revocationsMaxAgeMs: number;
}

/** The connection and what everything over it needs. */
export interface SharedStore {
  readonly settings: SharedSettings;
  readonly kept: KeptConnection;
  readonly sealer: Sealer;
  /** For what a review waits for. */
  readonly ask: Ask;
  /** For what happens in the background, where a long list may take its time. */
  readonly askPatiently: Ask;
  close(): void;
}

const PATIENCE_MS = 2000;

export function openShared(settings: SharedSettings, observer: StoreObserver, seams: Seams): SharedStore {
  const { clock, randomBytes, log } = seams;
  const probeKey = `${settings.keyPrefix}probe:${randomBytes(12).toString('base64url')}`;
  // Only a configuration that shares something loads the client.
  const connect = async (lost: () => void): Promise<RedisConnection> =>
    (await import('./redis.ts')).connectRedis(settings.redis, lost);
  const connection = keepConnection({ clock, log, observer, connect, probeKey });
  const asking = { connection, observer, clock };
  return {
    settings,
    kept: connection,
    sealer: sealer(settings.key, randomBytes),
    ask: asker({ ...asking, timeoutMs: settings.timeoutMs }),
    askPatiently: asker({ ...asking, timeoutMs: PATIENCE_MS }),
    close: () => connection.close(),
  };
}

/** For the life of the process: one store stays open for as long as reloads do not change its settings. */
export function sharedStores(
  open: (settings: SharedSettings) => SharedStore,
): (settings: SharedSettings | undefined) => SharedStore | undefined {
  let last: SharedStore | undefined;
  return (settings) => {
    if (isSame(last?.settings, settings)) return last;
    last?.close();
    last = settings && open(settings);
    return last;
  };
}

/** Secrets are compared, too: in depth all of them are equal. */
function isSame(a: SharedSettings | undefined, b: SharedSettings | undefined): boolean {
  const secretsOf = (settings: SharedSettings | undefined) =>
    [settings?.key, settings?.redis.password, settings?.redis.tls?.key].map((secret) => secret?.reveal());
  return isDeepStrictEqual(a, b) && isDeepStrictEqual(secretsOf(a), secretsOf(b));
}
