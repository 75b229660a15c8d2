// Asks one server after the other, those that work before those that failed, and stays with the one that answered.

import { type Clock } from '../../core/seams.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { isTransportFault, type Limit, type Outcome } from './fault.ts';
import { type Upstream } from './upstream.ts';

export interface FailoverParts {
  readonly limit: Limit;
  /** Told how a server fared; undefined is well. */
  readonly note: (upstream: Upstream, fault: Unavailable | undefined) => void;
  /** The servers, the most promising first. */
  readonly order: () => readonly Upstream[];
}

export interface Answered<T> {
  readonly kind: 'answered';
  readonly upstream: Upstream;
  readonly value: T;
}

export interface Failover {
  /** The first value that is not an outage, else the last outage. Only for what may be asked twice, so never for a bind. */
  firstOf<T extends { readonly kind: string }>(
    ask: (upstream: Upstream) => Promise<Outcome<T>>,
  ): Promise<Outcome<Answered<T>>>;
}

export function createFailover({ limit, note, order }: FailoverParts): Failover {
  let preferred: Upstream | undefined;
  const candidates = (): readonly Upstream[] => {
    const first = preferred;
    return first === undefined ? order() : [first, ...order().filter((upstream) => upstream !== first)];
  };
  return {
    firstOf: async (ask) => {
      let fault = unavailable('internal', 'no server is configured');
      for (const upstream of candidates()) {
        // oxlint-disable-next-line no-await-in-loop -- the next server is asked only when this one has failed
        const value = await ask(upstream);
        if (!isOutage(value)) {
          note(upstream, undefined);
          preferred = upstream;
          return { kind: 'answered', upstream, value };
        }
        fault = value;
        if (isTransportFault(fault)) note(upstream, fault);
        if (limit.signal.aborted) break;
      }
      return fault;
    },
  };
}

function isOutage<T extends { readonly kind: string }>(value: Outcome<T>): value is Unavailable {
  return value.kind === 'unavailable';
}

/** How often a failed server is tried again while others do its work. */
export const RECOVERY_TRIAL_MS = 5000;

export interface Health<Server> {
  /** Those that work, in the order configured; after them those that failed, the longest ago first. */
  order(): readonly Server[];
  succeeded(server: Server): void;
  failed(server: Server): void;
  hasFailed(server: Server): boolean;
  /** A failed server that it is time to try again, at most once per {@link RECOVERY_TRIAL_MS}. */
  dueForTrial(): Server | undefined;
}

export function createHealth<Server>(servers: readonly Server[], clock: Clock): Health<Server> {
  const failedAtMs = new Map<Server, number>();
  const failures = (): readonly Server[] => [...failedAtMs].toSorted(([, a], [, b]) => a - b).map(([server]) => server);
  return {
    order: () => {
      if (failedAtMs.size === 0) return servers;
      return [...servers.filter((server) => !failedAtMs.has(server)), ...failures()];
    },
    succeeded: (server) => void failedAtMs.delete(server),
    failed: (server) => void failedAtMs.set(server, clock.monotonicMs()),
    hasFailed: (server) => failedAtMs.has(server),
    dueForTrial: () => {
      if (failedAtMs.size === 0 || failedAtMs.size === servers.length) return undefined;
      const nowMs = clock.monotonicMs();
      const due = failures().find((server) => nowMs - (failedAtMs.get(server) ?? nowMs) >= RECOVERY_TRIAL_MS);
      if (due !== undefined) failedAtMs.set(due, nowMs);
      return due;
    },
  };
}
