// List functions of Kubernetes (k8s.io/apiserver pkg/cel/library/lists.go), cel-go's lists and sets extensions.

import { fault } from '../fault.ts';
import { charge, chargeSize } from '../meter.ts';
import { equal } from '../values.ts';
import type { FunctionTable } from './table.ts';

type List = readonly unknown[];
type Comparable = string | number | bigint | boolean;

export const LIST_FUNCTIONS: FunctionTable = {
  'list.isSorted(): bool': (list: List) => comparable(list).every((item, i, all) => i === 0 || !less(item, all[i - 1])),
  'list.sum(): dyn': sum,
  'list.min(): dyn': (list: List) => extreme(list, (a, b) => less(a, b)),
  'list.max(): dyn': (list: List) => extreme(list, (a, b) => less(b, a)),
  'list.__indexOf(dyn): int': (list: List, item: unknown) => BigInt(list.findIndex((other) => equal(other, item))),
  'list.__lastIndexOf(dyn): int': (list: List, item: unknown) =>
    BigInt(list.findLastIndex((other) => equal(other, item))),
  'list.distinct(): list': distinct,
  'list.sort(): list': (list: List) => {
    charge(list.length * Math.ceil(Math.log2(list.length + 1)));
    return comparable(list).toSorted((a, b) => (less(a, b) ? -1 : less(b, a) ? 1 : 0));
  },
  'list.reverse(): list': (list: List) => list.toReversed(),
  'list.slice(int, int): list': slice,
  'list.flatten(): list': (list: List) => flatten(list),
  'SetsNamespace.contains(list, list): bool': (_namespace: unknown, list: List, part: List) => contains(list, part),
  'SetsNamespace.equivalent(list, list): bool': (_namespace: unknown, a: List, b: List) =>
    contains(a, b) && contains(b, a),
  'SetsNamespace.intersects(list, list): bool': (_namespace: unknown, a: List, b: List) =>
    a.some((item) => has(b, item)),
};

const has = (list: List, item: unknown): boolean => list.some((other) => equal(other, item));
const contains = (list: List, part: List): boolean => part.every((item) => has(list, item));

/** The list when all its elements have one type with an order. */
function comparable(list: List): readonly Comparable[] {
  if (!isComparable(list)) throw fault('the elements of the list cannot be put in order');
  return list;
}

function isComparable(list: List): list is readonly Comparable[] {
  const type = typeof list[0];
  return list.length === 0 || (ORDERED.has(type) && list.every((item) => typeof item === type));
}

const ORDERED = new Set(['string', 'number', 'bigint', 'boolean']);

/** Strings compare by code point, as CEL demands; JavaScript would compare UTF-16 units. */
function less(a: Comparable | undefined, b: Comparable | undefined): boolean {
  if (typeof a === 'string' && typeof b === 'string') {
    charge(1 + Math.min(a.length, b.length) / 8);
    return lessByCodePoint(a, b);
  }
  charge(1);
  return a !== undefined && b !== undefined && a < b;
}

function lessByCodePoint(a: string, b: string): boolean {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b;
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

const SURROGATE = /[\ud800-\udfff]/;

function extreme(list: List, better: (a: Comparable, b: Comparable) => boolean): Comparable {
  const [first, ...rest] = comparable(list);
  if (first === undefined) throw fault('the list is empty');
  return rest.reduce((best, item) => (better(item, best) ? item : best), first);
}

/** The sum of an empty list is the int 0. */
function sum(list: List): number | bigint {
  if (list.length === 0) return 0n;
  if (list.every((item) => typeof item === 'bigint')) return list.reduce((total, item) => total + item, 0n);
  if (list.every((item) => typeof item === 'number')) return list.reduce((total, item) => total + item, 0);
  throw fault('the elements of the list are not numbers of one type');
}

function distinct(list: List): unknown[] {
  const kept: unknown[] = [];
  for (const item of list) if (!has(kept, item)) kept.push(item);
  return kept;
}

function slice(list: List, start: bigint, end: bigint): unknown[] {
  if (start < 0n || end < start || end > BigInt(list.length)) throw fault('slice: the index is out of range');
  return list.slice(Number(start), Number(end));
}

function flatten(list: List): unknown[] {
  for (const item of list) chargeSize(item);
  return list.flat();
}
