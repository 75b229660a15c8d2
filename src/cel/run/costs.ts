// What calls cost (cel-go interpreter/runtimecost.go and ext, k8s.io/apiserver pkg/cel/library/cost.go).

import type { Overload } from '../functions/table.ts';
import { NamedFormat } from '../values/named-format.ts';
import { sizeOf } from '../values/size.ts';
import { CelMap, Fault, List, type Outcome, typeNameOf, type Value } from '../values/value.ts';

export type Cost = (operands: readonly Outcome[], result: Outcome, overload: Overload | undefined) => number;

const LIST_UNITS = 10;
const text = (characters: number): number => Math.ceil(characters / 10);
const pattern = (characters: number): number => Math.ceil(characters / 4);
const size = (operands: readonly Outcome[], i: number): number => sizeOf(operands[i] ?? null);

const one: Cost = () => 1;
const traversal: Cost = ([list = null]) => Math.floor(traversed(list));
const scan: Cost = (operands) => text(size(operands, 0));
const rewrite: Cost = (operands) => text(size(operands, 0) * 2);
const shorter: Cost = (operands) => text(Math.min(size(operands, 0), size(operands, 1)));
const search: Cost = (operands) => text(1 + size(operands, 0)) * pattern(size(operands, 1));
const product: Cost = (operands) => 1 + size(operands, 0) * size(operands, 1);

/** A list compared with itself, in the worst case. */
const selfCompare =
  (operand: number): Cost =>
  (operands) => {
    const list = operands[operand];
    const first = list instanceof List ? list.items[0] : undefined;
    const factor = typeof first === 'string' || first instanceof Uint8Array ? 2.1 : 2;
    return Math.floor(size(operands, operand) ** 2 * factor) + 1 + LIST_UNITS;
  };

const COSTS: Readonly<Record<string, Cost>> = {
  ...every(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf', 'includes'], traversal),
  ...every(['url', 'lowerAscii', 'upperAscii', 'substring', 'trim', 'cidr', 'isIP', 'isCIDR'], scan),
  ...every(['quantity', 'isQuantity', 'semver', 'isSemver', 'strings.quote', 'format'], scan),
  ...every(['replace', 'split', 'ip.isCanonical'], rewrite),
  '_==_': (operands, result, overload) => (isOfLibrary(operands[0]) ? 1 : shorter(operands, result, overload)),
  '_!=_': shorter,
  validate: ([format = null, subject = null]) =>
    format instanceof NamedFormat ? text(1 + sizeOf(subject)) * pattern(format.patternLength) : 1,
  ...every(['find', 'findAll', 'matches'], search),
  ...every(['startsWith', 'endsWith'], (operands) => text(size(operands, 1))),
  contains: (operands) => text(size(operands, 0)) * text(size(operands, 1)),
  join: (_operands, result) => text(sizeOf(result) * 2),
  ip: (operands, _result, overload) => (overload?.isMethod === true ? 1 : text(size(operands, 0))),
  containsIP: (operands) => text(size(operands, 0) * 2) + parsed(operands),
  containsCIDR: (operands) => text(size(operands, 0) * 2) + text(size(operands, 0)) + 1 + parsed(operands),
  '@in': (operands, _result, overload) => (overload?.params[1]?.kind === 'list' ? size(operands, 1) : 1),
  '_+_': (operands, _result, overload) => (isText(overload) ? text(size(operands, 0) + size(operands, 1)) : 1),
  ...every(['_<_', '_<=_', '_>_', '_>=_'], (operands, _result, overload) =>
    isText(overload) ? text(Math.min(size(operands, 0), size(operands, 1))) : 1,
  ),
  string: (operands, _result, overload) => (overload?.params[0]?.name === 'bytes' ? text(size(operands, 0)) : 1),
  bytes: (operands, _result, overload) => (overload?.params[0]?.name === 'string' ? text(size(operands, 0)) : 1),
  ...every(['sets.contains', 'sets.intersects'], product),
  'sets.equivalent': (operands) => 1 + size(operands, 0) * size(operands, 1) * 2,
  ...every(['slice', 'reverse', 'lists.range'], (_operands, result) => sizeOf(result) + 1 + LIST_UNITS),
  flatten: (operands) => size(operands, 0) * depth(operands[1]) + 1 + LIST_UNITS,
  distinct: selfCompare(0),
  sort: whenKnown(selfCompare(0)),
  '@sortByAssociatedKeys': whenKnown(selfCompare(1)),
};

/** The cost of a signature that was known before; another one costs a unit. */
function whenKnown(cost: Cost): Cost {
  return (operands, result, overload) => (overload === undefined ? 1 : cost(operands, result, overload));
}

function every(names: readonly string[], cost: Cost): Record<string, Cost> {
  return Object.fromEntries(names.map((name) => [name, cost]));
}

/** The units of one call of a function, by its operands; `overload` is what ran when it was known before. */
export const costFunction = (name: string): Cost => COSTS[name] ?? one;

export function costOf(name: string, operands: readonly Outcome[], result: Outcome): number {
  return costFunction(name)(operands, result, undefined);
}

const isText = (overload: Overload | undefined): boolean =>
  overload?.params[0]?.name === 'string' || overload?.params[0]?.name === 'bytes';

/** Addresses, URLs, quantities, versions and formats. */
const isOfLibrary = (value: Outcome = null): boolean =>
  !(value instanceof Fault) && /^(?:net|kubernetes)\./.test(typeNameOf(value));

/** An operand that is text is parsed once more. */
const parsed = (operands: readonly Outcome[]): number =>
  typeof operands[1] === 'string' ? text(size(operands, 1)) : 0;

const depth = (level: Outcome | undefined): number => {
  if (typeof level !== 'bigint') return 1;
  return level < 0n ? 1 : Number(level);
};

function traversed(value: Outcome): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) / 10);
  if (value instanceof Uint8Array) return Math.floor(value.length / 10);
  if (value instanceof List) return sum(value.items);
  if (value instanceof CelMap) return sum([...value.entries].flat());
  return 1;
}

const sum = (values: readonly Value[]): number => values.reduce<number>((total, value) => total + traversed(value), 0);
