// Brokers as far as a shared store concerns them, each with a connection of its own to one real server.

import { randomBytes, randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { systemClock } from '../../../src/core/seams.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type KeptConnection, keepConnection } from '../../../src/stores/kept-connection.ts';
import { type Ask, asker, type StoreObserver } from '../../../src/stores/questions.ts';
import { connectRedis } from '../../../src/stores/redis.ts';
import { type Sealer, sealer } from '../../../src/stores/sealed.ts';
import { waitFor } from '../rig/wait.ts';

const KEY = new Secret('the key that all brokers of a test share');
const observer: StoreObserver = { asked: () => undefined, up: () => undefined };

export interface StoreSide {
  readonly kept: KeptConnection;
  readonly ask: Ask;
  readonly sealer: Sealer;
}

/** Connected; closed with the test. */
export async function storeSide(t: Pick<TestContext, 'after'>, url: URL): Promise<StoreSide> {
  const kept = keepConnection({
    clock: systemClock,
    log: () => undefined,
    observer,
    probeKey: `kab:probe:${randomUUID()}`,
    connect: (lost) => connectRedis({ urls: [url], mode: 'single' }, lost),
  });
  t.after(() => kept.close());
  await waitFor('the store', () => kept.fault() === undefined || undefined);
  const ask = asker({ connection: kept, observer, clock: systemClock, timeoutMs: 1000 });
  return { kept, ask, sealer: sealer(KEY, randomBytes) };
}
