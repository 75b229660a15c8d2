// What planning a part of an expression gives, and what it needs to know about the parts around.

import type { Expr, Span } from '../syntax/tree.ts';
import type { Checked } from '../types/check.ts';
import { Fault, type Outcome, type Value } from '../values/value.ts';
import { type Attribute, chain, resolve } from './attributes.ts';
import type { Run } from './frame.ts';

/** One part of an expression, ready to run. */
export interface Plan {
  readonly run: Run;
  /** What it always is. */
  readonly constant?: { readonly value: Value };
  /** A variable and selections from it, which the next selection continues. */
  readonly attribute?: Attribute;
}

/** What planning needs to know about the parts around. */
export interface Planner {
  readonly checked: Checked;
  /** The variables of the loops around. */
  readonly scope: Scope;
  plan(expr: Expr, scope?: Scope): Plan;
  /** Notes why the expression cannot be used; the first of them is said. */
  refuse(words: string, at: Span): void;
}

/** A variable of a loop has a slot; an accumulator computes its first value when it is first read. */
export interface Local {
  readonly slot: number;
  readonly init?: Run;
}
export interface Scope {
  readonly locals: ReadonlyMap<string, Local>;
  /** How many slots are taken. */
  readonly used: number;
}

export const constant = (value: Value): Plan => ({ run: () => value, constant: { value } });

/** A part that begins or continues a chain; running it alone costs one unit more than continuing it. */
export function attributePlan(attribute: Attribute, { start, end }: Span): Plan {
  if (attribute.kind === 'either') return { attribute, run: (frame) => resolve(attribute, frame) };
  const run: Run = (frame) => {
    frame.meter.pay(1);
    return placed(resolve(attribute, frame), start, end);
  };
  return { attribute, run };
}

export const attributeOf = ({ attribute, run }: Plan): Attribute => attribute ?? chain(run);

/** The outcome; a fault without a place gets this one. */
export function placed(outcome: Outcome, start: number, end: number): Outcome {
  return outcome instanceof Fault && outcome.at === undefined ? new Fault(outcome.words, start, end) : outcome;
}
