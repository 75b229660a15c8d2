// Reviews that wait for a connection, first come first served.

import type { Unavailable } from '../../core/verdict.ts';
import type { LdapConnection } from './connection.ts';
import { type Limit, timeoutFault } from './fault.ts';

/** What a wait ends with: a connection, leave to make one, or the reason why there is none. */
export type Grant = LdapConnection | 'make one' | Unavailable;

export interface WaitingQueue {
  length(): number;
  /** Ends with a grant, or with a timeout when the limit is over. */
  wait(limit: Limit): Promise<Grant>;
  /** False when nobody waits. */
  grantNext(grant: Grant): boolean;
  grantAll(grant: Grant): void;
}

export function createWaitingQueue(where: string): WaitingQueue {
  const waiting = new Set<(grant: Grant) => void>();
  const grantNext = (grant: Grant): boolean => {
    const [next] = waiting;
    next?.(grant);
    return next !== undefined;
  };
  return {
    length: () => waiting.size,
    wait: ({ signal, timeoutMs }) =>
      new Promise((resolve) => {
        const onTimeout = (): void => take(timeoutFault('waiting for a free connection', where));
        const timer = setTimeout(onTimeout, timeoutMs);
        const take = (grant: Grant): void => {
          waiting.delete(take);
          clearTimeout(timer);
          signal.removeEventListener('abort', onTimeout);
          resolve(grant);
        };
        signal.addEventListener('abort', onTimeout, { once: true });
        waiting.add(take);
      }),
    grantNext,
    grantAll: (grant) => {
      for (const take of waiting) take(grant);
    },
  };
}
