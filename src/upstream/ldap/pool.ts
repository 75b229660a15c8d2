// A bounded set of kept connections; each is used by one review at a time, and none is used again after it failed.

import { createSlots, type Slots } from '../../async/slots.ts';
import type { Clock } from '../../core/seams.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { LdapConnection } from './connection.ts';
import { type Limit, type Outcome, timeoutFault, unlessOver } from './fault.ts';

export interface PoolOptions {
  readonly size: number;
  /** A connection that was not used for this long is closed. */
  readonly idleTimeoutMs: number;
  readonly connect: (limit: Limit) => Promise<Outcome<Ready>>;
  /** The address, for faults. */
  readonly where: string;
  readonly clock: Clock;
}

export interface Ready {
  readonly kind: 'ready';
  readonly connection: LdapConnection;
}

export interface Lease {
  readonly kind: 'lease';
  readonly connection: LdapConnection;
  /** How long the server was not heard of on it; undefined when it is new. */
  readonly idleMs: number | undefined;
  /** On the clock of the pool. */
  readonly leasedAtMs: number;
  /** Gives it back; one that may not be used again is closed. */
  release(mayBeReused: boolean): void;
}

export interface LdapPool {
  /**
   * An open connection: a kept one, unless it has to be `new`. Waits for its turn when all are in use; unavailable when none
   * can be made or the limit is over.
   */
  acquire(limit: Limit, which?: 'any' | 'new'): Promise<Outcome<Lease>>;
  /** Closes the kept connections on which the server was not heard of after `sinceMs`. */
  condemn(sinceMs: number): void;
  /** Closes all connections, those in use too. */
  close(): void;
}

/** A connection takes a slot from the moment it is being made until it is given back. */
export function createPool(options: PoolOptions): LdapPool {
  const { size, connect, where } = options;
  const slots = createSlots(size);
  const shelf = createShelf(options, () => slots.leave());
  let lastFailure: { readonly fault: Unavailable } | undefined;

  const make = async (limit: Limit): Promise<Outcome<Lease>> => {
    const made = await connect(limit);
    if (made.kind === 'ready') return shelf.isClosed() ? discarded(made) : shelf.lease(made.connection);
    // A review that ran out of its own time says nothing about the server.
    if (!limit.signal.aborted) lastFailure = { fault: made };
    slots.leave();
    return made;
  };
  const discarded = ({ connection }: Ready): Unavailable => {
    connection.destroy();
    slots.leave();
    return unavailable('stopping');
  };
  return {
    acquire: async (limit, which = 'any') => {
      if (shelf.isClosed()) return unavailable('stopping');
      const before = lastFailure;
      const entered = await (slots.isFree ? slots.enter(limit.signal) : isMyTurn(slots, limit));
      if (!entered) return timeoutFault('waiting for a free connection', where);
      if (!shelf.isClosed() && lastFailure === before) {
        return (which === 'any' ? shelf.take() : undefined) ?? (await make(limit));
      }
      // It would meet the same server as the one that failed while it waited; so all that wait are told at once.
      slots.leave();
      return lastFailure === undefined || shelf.isClosed() ? unavailable('stopping') : lastFailure.fault;
    },
    condemn: (sinceMs) => shelf.condemn(sinceMs),
    close: () => shelf.close(),
  };
}

/** False when the limit was over before. */
async function isMyTurn(slots: Slots, limit: Limit): Promise<boolean> {
  const over = new AbortController();
  if (limit.signal.aborted) over.abort();
  return await unlessOver(limit, slots.enter(over.signal), () => over.abort());
}

interface Kept {
  readonly connection: LdapConnection;
  readonly heardAtMs: number;
}

/** The connections themselves: those that are kept and those in use. */
interface Shelf extends Pick<LdapPool, 'condemn' | 'close'> {
  lease(connection: LdapConnection, kept?: Kept): Lease;
  /** The open one that was used last, so that the others get old enough to be closed. */
  take(): Lease | undefined;
  isClosed(): boolean;
}

function createShelf({ size, idleTimeoutMs, clock }: PoolOptions, onFree: () => void): Shelf {
  const inUse = new Set<LdapConnection>();
  let idle: Kept[] = [];
  let closed = false;

  const keep = (connection: LdapConnection): void => {
    connection.closeWhenIdle(idleTimeoutMs);
    idle.push({ connection, heardAtMs: clock.monotonicMs() });
    if (idle.length > size) idle.shift()?.connection.destroy();
  };
  const lease: Shelf['lease'] = (connection, kept) => {
    const leasedAtMs = clock.monotonicMs();
    connection.closeWhenIdle(0);
    inUse.add(connection);
    const release = (mayBeReused: boolean): void => {
      if (!inUse.delete(connection)) return;
      if (mayBeReused && !closed && connection.isOpen()) keep(connection);
      else connection.destroy();
      onFree();
    };
    return { kind: 'lease', connection, idleMs: kept && leasedAtMs - kept.heardAtMs, leasedAtMs, release };
  };
  return {
    lease,
    take: () => {
      const kept = lastOpen(idle);
      return kept && lease(kept.connection, kept);
    },
    isClosed: () => closed,
    condemn: (sinceMs) => {
      for (const { connection, heardAtMs } of idle) if (heardAtMs <= sinceMs) connection.destroy();
      idle = idle.filter(({ connection }) => connection.isOpen());
    },
    close: () => {
      closed = true;
      for (const connection of [...idle.map((kept) => kept.connection), ...inUse]) connection.destroy();
      idle = [];
    },
  };
}

/** Those that are closed are forgotten. */
function lastOpen(idle: Kept[]): Kept | undefined {
  for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) if (kept.connection.isOpen()) return kept;
  return undefined;
}
