// A promise raced with a signal: whoever waits gives up, the work itself goes on.

/** What `work` resolves to, or `given()` when the signal aborts first. Rejects as `work` does; leaves no listener behind. */
export async function unlessAborted<T, U>(work: Promise<T>, signal: AbortSignal, given: () => U): Promise<T | U> {
  if (signal.aborted) {
    // Its end concerns nobody any more, and an unhandled rejection would end the process.
    work.catch(() => undefined);
    return given();
  }
  const aborted = Promise.withResolvers<U>();
  const onAbort = (): void => aborted.resolve(given());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
