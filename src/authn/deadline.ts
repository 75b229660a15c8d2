// One absolute deadline around any lookup: it settles in time even when what it asked does not.

import { unavailable, type Verdict } from '../core/verdict.ts';

export interface Deadline {
  readonly timeoutMs: number;
  /** After the abort, how long the lookup may take to say which upstream kept it waiting. */
  readonly graceMs: number;
}

/**
 * Runs a lookup under a signal that aborts after `timeoutMs` or with `parent`. Never rejects: a lookup that throws is a
 * bug and becomes unavailable (`internal`); one that ignores the abort becomes unavailable (`timeout`).
 */
export function withDeadline<T>(
  run: (signal: AbortSignal) => Promise<Verdict<T>>,
  deadline: Deadline,
  parent?: AbortSignal,
): Promise<Verdict<T>> {
  const controller = new AbortController();
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined;
    const abort = (): void => {
      if (grace !== undefined) return;
      grace = setTimeout(() => settle(unavailable('timeout')), deadline.graceMs);
      controller.abort(new DOMException('the deadline has passed', 'TimeoutError'));
    };
    const timer = setTimeout(abort, deadline.timeoutMs);
    const settle = (verdict: Verdict<T>): void => {
      clearTimeout(timer);
      clearTimeout(grace);
      parent?.removeEventListener('abort', abort);
      resolve(verdict);
    };
    if (parent?.aborted === true) abort();
    else parent?.addEventListener('abort', abort, { once: true });
    attempt(run, controller.signal).then(settle, (error: unknown) => settle(internal(error)));
  });
}

async function attempt<T>(run: (signal: AbortSignal) => Promise<Verdict<T>>, signal: AbortSignal): Promise<Verdict<T>> {
  return run(signal);
}

function internal(error: unknown): Verdict<never> {
  return unavailable('internal', error instanceof Error ? error.name : 'not an error', error);
}
