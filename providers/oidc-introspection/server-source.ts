// Where the endpoints come from: configured once, or discovered when first needed and kept while the issuer is away.

import { unlessAborted } from '../../src/async/unless-aborted.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import { type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { type AuthorizationServer, configuredServer, discoverServer } from './authorization-server.ts';
import type { Exchange } from './exchange.ts';
import type { IntrospectionOptions } from './options.ts';

export interface ServerSource {
  /** The server to ask now; waits for a first discovery until the signal aborts. Never throws. */
  current(signal: AbortSignal): Promise<AuthorizationServer | Unavailable>;
  /** Discovers anew, whatever is known; what `check --connect` shows. */
  fresh(signal: AbortSignal): Promise<AuthorizationServer | Unavailable>;
}

export const REFRESH_AFTER_MS = 4 * 3_600_000;
/** Short, so that an issuer that is back is used again within seconds. */
export const FIRST_RETRY_MS = 250;
export const LAST_RETRY_MS = 2000;
/** A refresh that fails costs nobody anything while the last good document serves. */
export const REFRESH_RETRY_MS = 60_000;

export function createServerSource(
  options: IntrospectionOptions,
  exchange: Exchange,
  seams: ProviderSeams,
): ServerSource {
  const { issuer, introspectionEndpoint } = options;
  if (introspectionEndpoint !== undefined) {
    const server = configuredServer(options, introspectionEndpoint, exchange);
    return { current: () => Promise.resolve(server), fresh: () => Promise.resolve(server) };
  }
  const discover = (signal: AbortSignal) =>
    issuer === undefined
      ? Promise.resolve(unavailable('internal', 'neither issuer nor introspectionEndpoint'))
      : discoverServer(options, issuer, exchange, signal);
  return discoveredSource(discover, seams);
}

type Found = AuthorizationServer | Unavailable;
type Discover = (signal: AbortSignal) => Promise<Found>;

/** One discovery at a time, detached from any one review, at most `timeoutMs` long. */
function discoveredSource(discover: Discover, seams: ProviderSeams): ServerSource {
  const { clock } = seams;
  let good: AuthorizationServer | undefined;
  let failure: Unavailable | undefined;
  let retryMs = FIRST_RETRY_MS;
  let nextAtMs = -Infinity;
  let underWay: Promise<Found> | undefined;

  const settle = (found: Found): Found => {
    underWay = undefined;
    if (!isOutage(found)) {
      [good, failure, retryMs] = [found, undefined, FIRST_RETRY_MS];
      nextAtMs = clock.monotonicMs() + REFRESH_AFTER_MS;
      return found;
    }
    failure = found;
    nextAtMs = clock.monotonicMs() + (good === undefined ? retryMs : REFRESH_RETRY_MS);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    logFailure(seams, found, good !== undefined);
    return good ?? found;
  };
  const start = (): Promise<Found> => {
    underWay ??= discover(AbortSignal.timeout(seams.timeoutMs)).then(settle);
    return underWay;
  };
  return {
    fresh: discover,
    current: async (signal) => {
      const isDue = clock.monotonicMs() >= nextAtMs;
      if (good !== undefined) {
        if (isDue) void start();
        return good;
      }
      if (!isDue && failure !== undefined && underWay === undefined) return failure;
      return await unlessAborted(start(), signal, () => TOO_LATE);
    },
  };
}

export function isOutage(found: Found): found is Unavailable {
  return 'kind' in found;
}

function logFailure(seams: ProviderSeams, { reason, detail }: Unavailable, isKept: boolean): void {
  const message = isKept ? 'discovery failed; the last good document serves on' : 'discovery failed';
  seams.log(reason === 'stopping' ? 'debug' : 'warn', message, { provider: seams.name, reason, detail });
}

const TOO_LATE = unavailable('timeout', 'discovery did not end in time');
