// What a command tries step by step: the mark in front of each, the way it is printed, all of them together.

import { printable } from '../text/printable.ts';

export const MARKS = { ok: '√', warning: '‼', failed: '×' } as const;
export type Mark = keyof typeof MARKS;

/** One thing that was tried. */
export interface Step {
  readonly step: string;
  readonly result: Mark;
  /** What was seen; after a failure also what to do next. */
  readonly detail?: string;
}

/** `√ connect to 127.0.0.1:8443: from …`, with what an upstream could have put into it made visible. */
export function stepLine({ step, result, detail }: Step): string {
  return `${MARKS[result]} ${printable(detail === undefined ? step : `${step}: ${detail}`)}`;
}

/** All items in order; `seen` hears of each as it comes. */
export async function collected<T>(
  items: AsyncIterable<T>,
  seen: (item: T) => unknown = () => undefined,
): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) {
    seen(item);
    all.push(item);
  }
  return all;
}
