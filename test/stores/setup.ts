// A store in memory that speaks the few commands that need no script, and breaks on demand.

import { randomBytes } from 'node:crypto';
import { Secret } from '../../src/core/secret.ts';
import type { StoreObserver } from '../../src/stores/questions.ts';
import type { RedisConnection } from '../../src/stores/redis.ts';
import { sealer } from '../../src/stores/sealed.ts';

export const SEALER = sealer(new Secret('the key that all brokers of a test share'), randomBytes);

export interface MemoryStore extends RedisConnection {
  readonly values: Map<string, string>;
  readonly isClosed: () => boolean;
  /** In place of the next answers. */
  breakWith(fault: 'silence' | Error | undefined): void;
}

export function memoryStore(): MemoryStore {
  const values = new Map<string, string>();
  let fault: 'silence' | Error | undefined;
  let isClosed = false;
  return {
    values,
    isClosed: () => isClosed,
    breakWith: (next) => {
      fault = next;
    },
    send: (_key, [name, key = '', ...args]) => {
      if (fault === 'silence') return new Promise(() => undefined);
      if (fault !== undefined) return Promise.reject(fault);
      if (name === 'SET') return Promise.resolve(values.set(key, args[0] ?? '') && 'OK');
      if (name === 'GET') return Promise.resolve(values.get(key) ?? null);
      if (name === 'GETRANGE') return Promise.resolve((values.get(key) ?? '').slice(0, Number(args[1]) + 1));
      return Promise.reject(new Error(`ERR unknown command ${name}`));
    },
    subscribe: () => Promise.resolve(),
    close: () => {
      isClosed = true;
    },
  };
}

export interface Counted extends StoreObserver {
  /** `operation/result`, probes left out. */
  readonly results: string[];
  readonly states: boolean[];
}

export function counted(): Counted {
  const results: string[] = [];
  const states: boolean[] = [];
  return {
    results,
    states,
    asked: (operation, result) => void (operation === 'probe' || results.push(`${operation}/${result}`)),
    up: (isUp) => void states.push(isUp),
  };
}
