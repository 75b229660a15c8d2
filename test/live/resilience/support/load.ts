// Steady load at a fixed rate, whatever the answers take: an API server does not wait for one login before the next.

import type { TestContext } from 'node:test';
import type { GoClient, Reviewed } from './go-client.ts';

export interface Sent extends Reviewed {
  readonly token: string;
}

export interface Load {
  /** What was answered so far. */
  answers(): readonly Sent[];
  /** Sends no more; resolves once everything is answered. */
  stop(): Promise<readonly Sent[]>;
}

const TICK_MS = 5;
/** What a machine that is too slow for the rate is spared. */
const MOST_UNDER_WAY = 1000;

/**
 * `tokenOf` is asked with 0, 1, 2, …; the schedule keeps its rate over hiccups of this process. Ends with the test, if nobody
 * has stopped it before.
 */
export function startLoad(
  t: Pick<TestContext, 'after'>,
  client: GoClient,
  perSecond: number,
  tokenOf: (index: number) => string,
): Load {
  const startedMs = performance.now();
  const answers: Sent[] = [];
  const underWay = new Set<Promise<unknown>>();
  let sent = 0;
  const send = (): void => {
    const token = tokenOf(sent);
    sent += 1;
    const note = (answer: Reviewed): void => void answers.push({ ...answer, token });
    const one: Promise<unknown> = client
      .review(token)
      .then(note)
      .finally(() => underWay.delete(one));
    underWay.add(one);
  };
  const timer = setInterval(() => {
    const due = Math.ceil(((performance.now() - startedMs) / 1000) * perSecond) - sent;
    for (let one = 0; one < due && underWay.size < MOST_UNDER_WAY; one += 1) send();
  }, TICK_MS);
  const stop = async (): Promise<readonly Sent[]> => {
    clearInterval(timer);
    await Promise.all(underWay);
    return answers;
  };
  t.after(stop);
  return { answers: () => [...answers], stop };
}

/** How often each outcome (with its failure, if it has one) occurs. */
export function tally(answers: readonly Reviewed[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { outcome, failure } of answers) {
    const name = failure === undefined ? outcome : `${outcome} ${failure}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Of values in any order; 0 when there are none. `share` 0.99 is the 99th percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

export function slowestMs(answers: readonly Reviewed[]): number {
  return answers.reduce((slowest, { tookMs }) => Math.max(slowest, tookMs), 0);
}
