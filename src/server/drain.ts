// Ends a listener without failing a request that can still be answered.

import type { Listener } from './listener.ts';

export interface DrainTimes {
  /** Still accepting while load balancers and kubelets notice that it is not ready. */
  readonly acceptMs: number;
  /** Afterwards, for what is open to send its last request. */
  readonly lingerMs: number;
  /** At last, for what is being answered. */
  readonly finishMs: number;
}

/** Below 20 s together (security requirement 31). */
export const DRAIN: DrainTimes = { acceptMs: 5000, lingerMs: 5000, finishMs: 6000 };

/**
 * Makes every answer the last one on its connection, so that the next request goes elsewhere, and then: accept, only serve
 * what is open, cut what idles, cut everything. Resolves as soon as all connections are gone.
 */
export async function drain(
  listeners: readonly Listener[],
  { acceptMs, lingerMs, finishMs }: DrainTimes,
  wait: (durationMs: number) => Promise<void>,
): Promise<void> {
  for (const listener of listeners) listener.retire();
  const closed = Promise.all(listeners.map((listener) => listener.closed));
  await wait(acceptMs);
  await Promise.all(listeners.map((listener) => listener.stopAccepting()));
  await Promise.race([closed, wait(lingerMs)]);
  for (const listener of listeners) listener.closeIdle();
  await Promise.race([closed, wait(finishMs)]);
  for (const listener of listeners) listener.closeAll();
  await closed;
}
