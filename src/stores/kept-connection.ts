// Keeps one connection to the shared store: made in the background, proven by reading and writing, made again when it is lost.

import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../async/unless-aborted.ts';
import type { Clock, Log } from '../core/seams.ts';
import { errorCode } from '../text/error-code.ts';
import type { StoreObserver, StoreResult } from './questions.ts';
import type { RedisConnection } from './redis.ts';

export interface KeptConnection {
  /** Absent while the store is lost. */
  current(): RedisConnection | undefined;
  /** Gives the present connection up. */
  drop(why: string): void;
  /** Why the store is lost, in words for `/readyz?verbose`; undefined while it is up. */
  fault(): string | undefined;
  /** True as soon as the store is found; false when it is not within this time. */
  ready(withinMs: number): Promise<boolean>;
  /** Called each time the store is found: what was missed meanwhile can be caught up on. */
  readonly onFound: (hear: (connection: RedisConnection) => void) => void;
  close(): void;
}

export interface ConnectionSeams {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
  readonly observer: StoreObserver;
  readonly connect: (lost: () => void) => Promise<RedisConnection>;
  /** A key of this broker alone, for the probe. */
  readonly probeKey: string;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;
const PROBE_EVERY_MS = 2000;
/** Generous beside a question's time: a slow store is up, and asking it again at once would only make it slower. */
const PROBE_TIMEOUT_MS = 1000;

/** One attempt at a time, with a growing pause between two of them, until `close`. */
export function keepConnection(seams: ConnectionSeams): KeptConnection {
  const hearers: ((connection: RedisConnection) => void)[] = [];
  const closing = new AbortController();
  let connection: RedisConnection | undefined;
  let fault: string | undefined = 'not connected yet';
  let ending = new AbortController();

  const turn = (why: string | undefined): void => {
    tell(seams, fault, why);
    fault = why;
  };
  const onFound = (hear: (found: RedisConnection) => void): void => {
    hearers.push(hear);
    if (connection !== undefined) hear(connection);
  };
  const live = async (): Promise<string> => {
    ending = new AbortController();
    const { signal } = ending;
    return await connected(seams, ending, async (opened) => {
      connection = opened;
      turn(undefined);
      for (const hear of hearers) hear(opened);
      return await unlessAborted(untilBroken(opened, seams, signal), signal, () => String(signal.reason));
    }).finally(() => {
      connection = undefined;
    });
  };
  seams.observer.up(false);
  void liveOn(live, turn, closing.signal);
  return {
    current: () => connection,
    drop: (why) => ending.abort(why),
    fault: () => fault,
    onFound,
    ready: (withinMs) => foundWithin(withinMs, onFound),
    close: () => {
      closing.abort();
      ending.abort('closed');
    },
  };
}

function foundWithin(withinMs: number, onFound: KeptConnection['onFound']): Promise<boolean> {
  const found = new Promise<boolean>((resolve) => onFound(() => resolve(true)));
  return unlessAborted(found, AbortSignal.timeout(withinMs), () => false);
}

/** Says it once when the store is lost, and once when it is found. */
function tell({ log, observer }: ConnectionSeams, before: string | undefined, why: string | undefined): void {
  if (why === undefined) log('info', 'shared store found');
  else if (before === undefined) log('warn', 'shared store lost', { why });
  observer.up(why === undefined);
}

/** One connection after the other; a store that is lost is not asked without a pause. */
async function liveOn(live: () => Promise<string>, turn: (why: string) => void, closed: AbortSignal): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (!closed.aborted) {
    const startedMs = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one connection at a time, however many questions wait
    const why = await live().catch(faultWords);
    if (closed.aborted) return;
    turn(why);
    const hasLasted = performance.now() - startedMs > LAST_RETRY_MS;
    retryMs = hasLasted ? FIRST_RETRY_MS : Math.min(retryMs * 2, LAST_RETRY_MS);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await pause(retryMs * (0.5 + Math.random() / 2), undefined, { ref: false });
  }
}

/** Runs `use` on a connection that reads and writes; resolves with why it ended, or never came to be of use. */
async function connected(
  seams: ConnectionSeams,
  ending: AbortController,
  use: (connection: RedisConnection) => Promise<string>,
): Promise<string> {
  const opened = await seams.connect(() => ending.abort('the connection broke'));
  try {
    const broken = ending.signal.aborted ? String(ending.signal.reason) : await probe(opened, seams);
    return broken ?? (await use(opened));
  } finally {
    opened.close();
  }
}

/** Reads and writes, so that a read-only, full or misconfigured server counts as lost. The words say what is wrong. */
async function probe(
  connection: RedisConnection,
  { observer, clock, probeKey }: ConnectionSeams,
): Promise<string | undefined> {
  const startedMs = clock.monotonicMs();
  const end = (result: StoreResult, why?: string): string | undefined => {
    observer.asked('probe', result, clock.monotonicMs() - startedMs);
    return why;
  };
  const echoed = connection
    .send(probeKey, ['SET', probeKey, '1', 'PX', '60000'])
    .then(() => connection.send(probeKey, ['GET', probeKey]));
  try {
    const answer = await unlessAborted(echoed, AbortSignal.timeout(PROBE_TIMEOUT_MS), () => undefined);
    if (answer === undefined) return end('timeout', `no answer within ${PROBE_TIMEOUT_MS} ms`);
    return answer === '1' ? end('ok') : end('rejected', 'what was written is not what is read');
  } catch (error) {
    return end('error', faultWords(error));
  }
}

async function untilBroken(connection: RedisConnection, seams: ConnectionSeams, signal: AbortSignal): Promise<string> {
  let broken: string | undefined;
  while (broken === undefined && !signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- a probe every while, one after the other
    await pause(PROBE_EVERY_MS, undefined, { ref: false });
    // oxlint-disable-next-line no-await-in-loop -- as above
    broken = await probe(connection, seams);
  }
  return broken ?? String(signal.reason);
}

/** The first word of what Redis says (`READONLY`, `OOM`, `WRONGPASS`), or the code of the error; never its whole text. */
export function faultWords(error: unknown): string {
  const code = errorCode(error);
  if (code !== undefined) return code;
  const word = error instanceof Error ? /^[A-Z]{3,20}(?= )/.exec(error.message)?.[0] : undefined;
  return word ?? (error instanceof Error ? error.constructor.name : 'unknown error');
}
