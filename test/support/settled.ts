// Waiting in tests: for a condition, never for a length of time.

import { setTimeout as pause } from 'node:timers/promises';
import { patient } from './patience.ts';

const LOOK_EVERY_MS = 2;

/** Resolves once the condition holds; fails with its name after `withinMs` of an idle machine. */
export async function until(what: string, holds: () => boolean, withinMs = 5000): Promise<void> {
  const end = performance.now() + patient(withinMs);
  while (!holds()) {
    if (performance.now() > end) throw new Error(`did not happen within ${patient(withinMs)} ms: ${what}`);
    // oxlint-disable-next-line no-await-in-loop -- each turn looks again
    await pause(LOOK_EVERY_MS);
  }
}

/** One step after another, for what must not happen at the same time. */
export async function inOrder<T, R>(
  items: readonly T[],
  step: (item: T, index: number) => Promise<R> | R,
): Promise<readonly R[]> {
  const results: R[] = [];
  // oxlint-disable-next-line no-await-in-loop -- that is its purpose
  for (const [index, item] of items.entries()) results.push(await step(item, index));
  return results;
}

const COUNTED: ReadonlySet<string> = new Set([
  'TCPSocketWrap',
  'TLSWrap',
  'TCPServerWrap',
  'Timeout',
  'GetAddrInfoReqWrap',
  'PipeWrap',
]);

/** What keeps the process alive, counted by kind. */
export function activeResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (COUNTED.has(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Resolves once no more of any kind is active than `before` (taken by {@link activeResources}). */
export async function releasedSince(before: Readonly<Record<string, number>>, withinMs = 5000): Promise<void> {
  const excess = () => Object.entries(activeResources()).filter(([kind, count]) => count > (before[kind] ?? 0));
  try {
    await until('sockets and timers are released', () => excess().length === 0, withinMs);
  } catch {
    throw new Error(`still active: ${JSON.stringify(excess())}`);
  }
}
