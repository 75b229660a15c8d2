// Keeps password hashing from taking every thread that name resolution and file access need.

import { createSlots } from '../../src/async/slots.ts';
import { unlessAborted } from '../../src/async/unless-aborted.ts';

/** One below libuv's default of four threads, for the whole process: the pool is the process's, not the provider's. */
const threads = createSlots(3);

/**
 * Runs the work when a thread is free. Undefined when `signal` aborts first; work that has begun goes on in the background,
 * because a hash cannot be interrupted, and keeps its place until it is done.
 */
export async function hashing<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (!(await threads.enter(signal))) return undefined;
  const result = work().finally(() => threads.leave());
  return unlessAborted(result, signal, () => undefined);
}
