// Asks one server after the other, and stays with the one that answered for the rest of a review.

import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { isTransportFault, type Limit, type Outcome } from './fault.ts';
import type { Upstream } from './upstream.ts';

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
