// The three marks in front of what was tried, and the way a step is printed.

import { printable } from './printable.ts';

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
