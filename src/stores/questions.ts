// Asks the store that brokers share, and never lets it hold a review up: a lost, slow or hostile store costs one short wait.

import { unlessAborted } from '../async/unless-aborted.ts';
import type { StoreWait } from '../core/authenticator.ts';
import type { Clock } from '../core/seams.ts';
import { faultWords, type KeptConnection } from './kept-connection.ts';
import type { RedisConnection } from './redis.ts';

export type StoreOperation = 'verdict_get' | 'verdict_put' | 'budget' | 'revocation' | 'probe';
/** `rejected`: what lies there is nothing of ours. `down`: not asked, because the store is lost. */
export type StoreResult = 'ok' | 'miss' | 'rejected' | 'timeout' | 'error' | 'down';

export interface StoreObserver {
  asked(operation: StoreOperation, result: StoreResult, durationMs: number): void;
  /** Whether the last probe could read and write. */
  up(isUp: boolean): void;
}

/** Found, nothing there, or nothing that a broker put there. */
export type Found<T> = { readonly kind: 'found'; readonly value: T } | { readonly kind: 'miss' | 'rejected' };

/** Asks by `command`; undefined when nothing of use was found, for whatever reason, or `wait` is used up. Never rejects. */
export type Ask = <T>(
  operation: StoreOperation,
  command: (connection: RedisConnection) => Promise<Found<T>>,
  wait?: StoreWait,
) => Promise<T | undefined>;

export interface QuestionSettings {
  readonly connection: Pick<KeptConnection, 'current' | 'drop'>;
  readonly observer: StoreObserver;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Of one question; a later answer is as if it were lost. */
  readonly timeoutMs: number;
}

/** In a row: then the store is lost until a probe succeeds. */
const LOST_QUESTIONS = 2;

export function asker({ connection, observer, clock, timeoutMs }: QuestionSettings): Ask {
  let lostInARow = 0;
  const late = (waitedMs: number): 'late' => {
    // A question that had less than its time says nothing about the store.
    if (waitedMs < timeoutMs) return 'late';
    lostInARow += 1;
    if (lostInARow >= LOST_QUESTIONS)
      connection.drop(`no answer within ${timeoutMs} ms, ${LOST_QUESTIONS} times in a row`);
    return 'late';
  };
  return async (operation, command, wait = { leftMs: timeoutMs }) => {
    const startedMs = clock.monotonicMs();
    // A signal takes whole milliseconds alone.
    const waitMs = Math.floor(Math.min(timeoutMs, wait.leftMs));
    const count = (result: StoreResult): undefined => {
      const tookMs = clock.monotonicMs() - startedMs;
      wait.leftMs -= tookMs;
      observer.asked(operation, result, tookMs);
    };
    const current = connection.current();
    if (current === undefined) return count('down');
    if (waitMs < 1) return count('timeout');
    const signal = AbortSignal.timeout(waitMs);
    try {
      const answer = await unlessAborted(command(current), signal, () => late(waitMs));
      if (answer === 'late') return count('timeout');
      lostInARow = 0;
      count(answer.kind === 'found' ? 'ok' : answer.kind);
      return answer.kind === 'found' ? answer.value : undefined;
    } catch (error) {
      const word = faultWords(error);
      // After a failover the old master is a replica: the new one is somewhere else.
      if (word === 'READONLY') connection.drop(word);
      return count(word === 'WRONGTYPE' ? 'rejected' : 'error');
    }
  };
}
