// A bounded set of kept connections; each is used by one review at a time, and none is used again after it failed.

import { unavailable } from '../../core/verdict.ts';
import type { LdapConnection } from './connection.ts';
import { type Limit, type Outcome, timeoutFault } from './fault.ts';
import { createWaitingQueue, type WaitingQueue } from './queue.ts';

/** Reviews that wait for a connection; more are refused at once instead of waiting past their deadline. */
const MAX_WAITING = 512;

export interface PoolOptions {
  readonly size: number;
  /** A connection that nobody used for this long is closed. */
  readonly idleTimeoutMs: number;
  readonly connect: (limit: Limit) => Promise<Outcome<Ready>>;
  /** The address, for faults. */
  readonly where: string;
}

export interface Ready {
  readonly kind: 'ready';
  readonly connection: LdapConnection;
}

export interface Lease {
  readonly kind: 'lease';
  readonly connection: LdapConnection;
  /** It was used before, so the server may have forgotten it meanwhile. */
  readonly isReused: boolean;
  /** Gives it back; one that may not be used again is closed. */
  release(mayBeReused: boolean): void;
}

export interface LdapPool {
  /** An open connection. Waits for one when all are in use; unavailable when none can be made or the limit is over. */
  acquire(limit: Limit): Promise<Outcome<Lease>>;
  /** Closes kept connections now and the others when they come back. */
  close(): void;
}

/** Connections count against the size from the moment they are being made. */
export function createPool({ size, idleTimeoutMs, connect, where }: PoolOptions): LdapPool {
  const queue = createWaitingQueue(where);
  const shelf = createShelf(idleTimeoutMs, queue);
  let connecting = 0;

  const make = async (limit: Limit): Promise<Outcome<Lease>> => {
    connecting += 1;
    const made = await connect(limit);
    connecting -= 1;
    if (made.kind === 'ready') return shelf.lease(made.connection, false);
    // Whoever waits would meet the same server; but a review that ran out of its own time says nothing about the server.
    if (limit.signal.aborted) queue.grantNext('make one');
    else queue.grantAll(made);
    return made;
  };
  const acquire = async (limit: Limit): Promise<Outcome<Lease>> => {
    if (shelf.isClosed()) return unavailable('stopping');
    if (limit.signal.aborted) return timeoutFault('the review', where);
    const kept = shelf.take();
    if (kept !== undefined) return kept;
    if (shelf.inUse() + connecting < size) return await make(limit);
    if (queue.length() >= MAX_WAITING) return unavailable('too-busy', `${where}: all ${size} connections are in use`);
    const granted = await queue.wait(limit);
    if (granted === 'make one') return await acquire(limit);
    return 'kind' in granted ? granted : shelf.lease(granted, true);
  };
  return {
    acquire,
    close: () => {
      shelf.close();
      queue.grantAll(unavailable('stopping'));
    },
  };
}

/** The connections themselves: those on the shelf and those in use. */
interface Shelf {
  lease(connection: LdapConnection, isReused: boolean): Lease;
  /** The kept one that was used last, so that the others get old enough to be closed. */
  take(): Lease | undefined;
  inUse(): number;
  isClosed(): boolean;
  close(): void;
}

function createShelf(idleTimeoutMs: number, queue: WaitingQueue): Shelf {
  const idle: LdapConnection[] = [];
  const inUse = new Set<LdapConnection>();
  let closed = false;

  const giveBack = (connection: LdapConnection, mayBeReused: boolean): void => {
    if (!inUse.delete(connection)) return;
    if (!mayBeReused || closed || !connection.isOpen()) {
      connection.destroy();
      queue.grantNext('make one');
    } else if (queue.length() > 0) {
      inUse.add(connection);
      queue.grantNext(connection);
    } else {
      connection.closeWhenIdle(idleTimeoutMs);
      idle.push(connection);
    }
  };
  const lease = (connection: LdapConnection, isReused: boolean): Lease => {
    if (closed) connection.destroy();
    connection.closeWhenIdle(0);
    inUse.add(connection);
    return { kind: 'lease', connection, isReused, release: (mayBeReused) => giveBack(connection, mayBeReused) };
  };
  return {
    lease,
    take: () => {
      const kept = lastOpen(idle);
      return kept === undefined ? undefined : lease(kept, true);
    },
    inUse: () => inUse.size,
    isClosed: () => closed,
    close: () => {
      closed = true;
      for (const connection of [...idle.splice(0), ...inUse]) connection.destroy();
    },
  };
}

/** The last one that is open; those that the server closed are forgotten. */
function lastOpen(idle: LdapConnection[]): LdapConnection | undefined {
  for (let kept = idle.pop(); kept !== undefined; kept = idle.pop()) if (kept.isOpen()) return kept;
  return undefined;
}
