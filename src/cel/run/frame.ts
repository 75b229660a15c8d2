// One evaluation: its input, its loops and its meter. Nothing of it outlives the evaluation or is shared with another.

import { Meter } from '../meter.ts';
import type { Outcome, Value } from '../values/value.ts';

export interface Frame {
  readonly meter: Meter;
  readonly variables: ReadonlyMap<string, () => Value>;
  /** Variables and accumulators of loops, by the number that the planner gave them. */
  readonly slots: (Outcome | undefined)[];
}

/** Evaluates one part of an expression. */
export type Run = (frame: Frame) => Outcome;

/** A frame for one evaluation over these variables. */
export function newFrame(variables: Frame['variables'] = new Map()): Frame {
  return { meter: new Meter(), variables, slots: [] };
}
