// Finds the implementation for the operands of a call (cel-go common/decls, Bindings).

import type { Implementation, Overload } from '../functions/table.ts';
import type { Meter } from '../meter.ts';
import type { Resolved } from '../types/overloads.ts';
import { DYN, type Type } from '../types/type.ts';
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

/** Functions whose signatures have one implementation in cel-go, which looks at the operands alone. */
const SHARED = /^(?:_[-+*/%<>]=?_|-_|size|sort|@sortByAssociatedKeys)$/;

/** Finds and runs the implementation for operands of these types. */
export type Dispatch = (operands: readonly Value[], meter: Meter) => Outcome;

/** The only signature that the checker left, or else the first that takes the operands. */
export function dispatchOf({ overloads, only }: Resolved, count: number): Dispatch {
  const isOpen = only === undefined || SHARED.test(only.name);
  const candidates = (isOpen ? overloads : [only]).filter(({ params }) => params.length === count);
  return (operands, meter) => {
    for (const candidate of candidates) if (takes(candidate, operands)) return run(candidate, operands, meter);
    return NO_OVERLOAD;
  };
}

/** Reading the operands costs work by their sizes, before anything is made of them. */
function run({ run: implementation }: Overload, operands: readonly Value[], meter: Meter): Outcome {
  for (const operand of operands) meter.work(lengthOf(operand) / 10);
  return implementation === undefined ? NO_OVERLOAD : unguarded(implementation)(...operands, meter);
}

/** What is still growing is changed in place, and costs nothing. */
function lengthOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (value instanceof List) return value instanceof GrowingList ? 0 : value.items.length;
  if (value instanceof CelMap) return value instanceof GrowingMap ? 0 : value.entries.size;
  return value instanceof Uint8Array ? value.length : 0;
}

/** The guard has compared the types of the operands with the signature, which the implementation keeps to. */
function unguarded(implementation: Implementation): (...operands: readonly (Value | Meter)[]) => Outcome {
  // oxlint-disable-next-line no-unsafe-type-assertion -- a table of functions of many types has no better one
  return implementation as (...operands: readonly (Value | Meter)[]) => Outcome;
}

function takes({ params, run: implementation }: Overload, operands: readonly Value[]): boolean {
  if (implementation === undefined) return false;
  for (let i = 0; i < params.length; i++) if (!isOf(operands[i] ?? null, params[i] ?? DYN)) return false;
  return true;
}

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
