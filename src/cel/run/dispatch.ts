// Finds the implementation for the operands of a call (cel-go common/decls, Bindings).

import type { Implementation, Overload } from '../functions/table.ts';
import type { Meter } from '../meter.ts';
import type { Resolved } from '../types/overloads.ts';
import type { Type } from '../types/type.ts';
import {
  CelMap,
  GrowingList,
  GrowingMap,
  keyValue,
  List,
  NO_OVERLOAD,
  type Outcome,
  typeNameOf,
  type Value,
} from '../values/value.ts';

/** Runs the only signature that the checker left, or else the first that takes operands of these types. */
export function dispatch({ overloads, only }: Resolved, operands: readonly Value[], meter: Meter): Outcome {
  if (only !== undefined) return takes(only, operands) ? run(only, operands, meter) : NO_OVERLOAD;
  const fitting = overloads.find((overload) => takes(overload, operands));
  return fitting === undefined ? NO_OVERLOAD : run(fitting, operands, meter);
}

/** Reading the operands costs work by their sizes, before anything is made of them. */
function run({ run: implementation }: Overload, operands: readonly Value[], meter: Meter): Outcome {
  for (const operand of operands)
    if (!(operand instanceof GrowingList || operand instanceof GrowingMap)) meter.work(lengthOf(operand) / 10);
  return implementation === undefined ? NO_OVERLOAD : unguarded(implementation)(...operands, meter);
}

function lengthOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (value instanceof List) return value.items.length;
  return value instanceof CelMap ? value.entries.size : 0;
}

/** The guard has compared the types of the operands with the signature, which the implementation keeps to. */
function unguarded(implementation: Implementation): (...operands: readonly (Value | Meter)[]) => Outcome {
  // oxlint-disable-next-line no-unsafe-type-assertion -- a table of functions of many types has no better one
  return implementation as (...operands: readonly (Value | Meter)[]) => Outcome;
}

const takes = ({ params, run: implementation }: Overload, operands: readonly Value[]): boolean =>
  implementation !== undefined &&
  params.length === operands.length &&
  params.every((type, i) => isOf(operands[i] ?? null, type));

/** Of a list and a map the first element is looked at, as in cel-go; but not for `flatten`, which takes lists of lists. */
export function isOf(value: Value, type: Type): boolean {
  if (type.kind === 'dyn' || type.kind === 'param' || type.kind === 'any') return true;
  if (typeNameOf(value) !== type.name) return false;
  const [first, second] = type.params;
  if (value instanceof List && first !== undefined && first.kind !== 'list') {
    const item = value.items[0];
    return item === undefined || isOf(item, first);
  }
  if (!(value instanceof CelMap) || first === undefined || second === undefined) return true;
  const [entry] = value.entries;
  return entry === undefined || (isOf(keyValue(entry[0]), first) && isOf(entry[1], second));
}
