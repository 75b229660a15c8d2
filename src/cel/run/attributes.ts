// Variables, and what is selected from values: a chain is read as one, so that `a.?b.c` is none where `b` is missing.

import { missing, read } from '../values/access.ts';
import { Fault, fault, NO_OVERLOAD, NONE, Optional, type Outcome, Uint, type Value } from '../values/value.ts';
import type { Frame, Run } from './frame.ts';

/** One step of a chain: `.name`, `[key]`, or with `optional` `.?name` and `[?key]`. */
export interface Step {
  readonly key: Value | Run;
  readonly optional: boolean;
  /** The last step of `has(…)`. */
  readonly test: boolean;
  readonly at: number;
  readonly end: number;
}

/** Where a chain begins, and its steps; a condition has one chain for each of its answers. */
export type Attribute =
  | { readonly kind: 'chain'; readonly base: Run; readonly steps: readonly Step[] }
  | { readonly kind: 'either'; readonly condition: Run; readonly yes: Attribute; readonly no: Attribute };

export const chain = (base: Run): Attribute => ({ kind: 'chain', base, steps: [] });

/** The attribute with one step more; the given one stays as it is, because macros use parts twice. */
export function withStep(attribute: Attribute, step: Step): Attribute {
  if (attribute.kind === 'chain') return { ...attribute, steps: [...attribute.steps, step] };
  return { ...attribute, yes: withStep(attribute.yes, step), no: withStep(attribute.no, step) };
}

/** The value at the end of the chain (cel-go interpreter/attributes.go, Resolve and applyQualifiers). */
export function resolve(attribute: Attribute, frame: Frame): Outcome {
  if (attribute.kind === 'either') {
    const condition = attribute.condition(frame);
    if (typeof condition === 'boolean') return resolve(condition ? attribute.yes : attribute.no, frame);
    return condition instanceof Fault ? condition : NO_OVERLOAD;
  }
  const base = attribute.base(frame);
  return base instanceof Fault || attribute.steps.length === 0 ? base : follow(base, attribute.steps, frame);
}

function follow(base: Value, steps: readonly Step[], frame: Frame): Outcome {
  let isOptional = base instanceof Optional;
  let value = base instanceof Optional ? base.value : base;
  if (value === undefined) return NONE;
  for (const step of steps) {
    isOptional ||= step.optional;
    const next: Outcome | undefined = take(value, step, isOptional, frame);
    if (next === undefined) return NONE;
    if (next instanceof Fault) return next;
    value = next;
  }
  return isOptional ? new Optional(value) : value;
}

/** Undefined where an optional chain ends without a value. */
function take(from: Value, step: Step, isOptional: boolean, frame: Frame): Outcome | undefined {
  const key = typeof step.key === 'function' ? step.key(frame) : step.key;
  if (key instanceof Fault) return key;
  if (!isIndex(key)) return at(NO_INDEX, step);
  const found = read(from, key);
  if (found !== undefined || !isOptional || step.test) frame.meter.pay(1);
  if (found instanceof Fault) return at(found, step);
  if (step.test) return found === undefined && isOptional ? undefined : found !== undefined;
  return found !== undefined || isOptional ? found : at(missing(from), step);
}

const NO_INDEX = fault('an index is a string, a number or a bool');
const isIndex = (key: Value): boolean => typeof key !== 'object' || key instanceof Uint;

const at = ({ words }: Fault, step: Step): Fault => new Fault(words, step.at, step.end);
