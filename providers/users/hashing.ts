// Keeps password hashing from taking every thread that name resolution and file access need.

import { unlessAborted } from '../../src/async/unless-aborted.ts';

/** One below libuv's default of four threads, for the whole process: the pool is the process's, not the provider's. */
const MAX_PARALLEL = 3;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs the work when a thread is free. Undefined when `signal` aborts first; work that has begun goes on in the background,
 * because a hash cannot be interrupted, and keeps its place until it is done.
 */
export async function hashing<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return signal.aborted ? undefined : unlessAborted(whenFree(work, signal), signal, () => undefined);
}

async function whenFree<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (running >= MAX_PARALLEL) await new Promise<void>((resolve) => void waiting.push(resolve));
  else running += 1;
  try {
    return signal.aborted ? undefined : await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
