// List functions of Kubernetes (k8s.io/apiserver pkg/cel/library/lists.go), cel-go's lists and sets extensions.

import type { Meter } from '../meter.ts';
import { compare, equal } from '../values/compare.ts';
import { int, uint } from '../values/numbers.ts';
import { Duration, durationOf } from '../values/time.ts';
import { Fault, fault, List, NO_OVERLOAD, type Outcome, typeNameOf, Uint, type Value } from '../values/value.ts';
import { type FunctionTable, forTypes } from './table.ts';

/** Types of elements that have an order. */
const ORDERED = [
  'int',
  'uint',
  'double',
  'bool',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'string',
  'bytes',
];

export const LIST_FUNCTIONS: FunctionTable = {
  ...forTypes(ORDERED, (type) => `list<${type}>.isSorted(): bool`, isSorted),
  ...forTypes(
    ORDERED,
    (type) => `list<${type}>.max(): ${type}`,
    (list: List) => extreme(list, 'max', -1),
  ),
  ...forTypes(
    ORDERED,
    (type) => `list<${type}>.min(): ${type}`,
    (list: List) => extreme(list, 'min', 1),
  ),
  'list<int>.sum(): int': (list: List) => sum(list, 0n),
  'list<uint>.sum(): uint': (list: List) => sum(list, new Uint(0n)),
  'list<double>.sum(): double': (list: List) => sum(list, 0),
  'list<google.protobuf.Duration>.sum(): google.protobuf.Duration': (list: List) => sum(list, new Duration(0n)),
  'list<A>.indexOf(A): int': ({ items }: List, item: Value, meter: Meter) =>
    BigInt(items.findIndex((one) => equal(one, item, meter) === true)),
  'list<A>.lastIndexOf(A): int': ({ items }: List, item: Value, meter: Meter) =>
    BigInt(items.findLastIndex((one) => equal(one, item, meter) === true)),
  'dyn.includes(dyn): bool': (value: Value, item: Value, meter: Meter) =>
    value instanceof List ? has(value, item, meter) : equal(value, item, meter) === true,
  'list<T>.slice(int, int): list<T>': slice,
  'list<list<T>>.flatten(): list<T>': (list: List, meter: Meter) => flatten(list, 1n, meter),
  'list<dyn>.flatten(int): list<dyn>': flatten,
  ...forTypes(
    ORDERED,
    (type) => `list<${type}>.sort(): list<${type}>`,
    (list: List) => sortBy(list, list),
  ),
  ...forTypes(ORDERED, (type) => `list<T>.@sortByAssociatedKeys(list<${type}>): list<T>`, sortBy),
  'lists.range(int): list<int>': range,
  'list<T>.reverse(): list<T>': (list: List) => new List(list.elements().toReversed()),
  'list<T>.distinct(): list<T>': distinct,
  'sets.contains(list<T>, list<T>): bool': contains,
  'sets.equivalent(list<T>, list<T>): bool': (a: List, b: List, meter: Meter) =>
    contains(a, b, meter) && contains(b, a, meter),
  'sets.intersects(list<T>, list<T>): bool': (a: List, b: List, meter: Meter) =>
    a.items.some((item) => has(b, item, meter)),
  '@in(A, list<A>): bool': (item: Value, list: List, meter: Meter) => has(list, item, meter),
};

function has({ items }: List, item: Value, meter: Meter): boolean {
  return items.some((one) => equal(item, one, meter) === true);
}

function contains(list: List, part: List, meter: Meter): boolean {
  return part.items.every((item) => has(list, item, meter));
}

/** Values without an order, such as NaN, are passed over as cel-go does it. */
function isSorted({ items }: List): boolean {
  return items.every((item, i) => {
    const order = i === 0 ? 0 : compare(items[i - 1] ?? null, item);
    return order instanceof Fault || order <= 0;
  });
}

/** Values of different types are passed over as cel-go does it; a value that has no order at all is a fault. */
function extreme({ items }: List, name: string, worse: 1 | -1): Outcome {
  let best: Value | undefined;
  for (const item of items) {
    if (compare(item, item) === NO_OVERLOAD) return NO_OVERLOAD;
    const order = best === undefined ? worse : compare(best, item);
    if (typeof order === 'number' && order * worse > 0) best = item;
  }
  return best === undefined ? fault(`${name}: the list is empty`) : best;
}

function sum({ items }: List, zero: Value): Outcome {
  let total: Outcome = zero;
  for (const item of items) {
    total = add(total, item);
    if (total instanceof Fault) return total;
  }
  return total;
}

function add(a: Value, b: Value): Outcome {
  if (typeof a === 'bigint' && typeof b === 'bigint') return int(a + b);
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a instanceof Uint && b instanceof Uint) return uint(a.value + b.value);
  return a instanceof Duration && b instanceof Duration ? durationOf(a.nanos + b.nanos) : NO_OVERLOAD;
}

function slice(list: List, start: bigint, end: bigint): Outcome {
  if (start < 0n || end < start || end > BigInt(list.items.length)) return fault('slice: the index is out of range');
  return new List(list.elements().slice(Number(start), Number(end)));
}

function flatten({ items }: List, depth: bigint, meter: Meter): Outcome {
  if (depth < 0n) return fault('flatten: the depth is negative');
  const flat: Value[] = [];
  collect(items, depth, flat, meter);
  return new List(flat);
}

function collect(items: readonly Value[], depth: bigint, into: Value[], meter: Meter): void {
  meter.work(items.length / 10);
  for (const item of items) {
    if (item instanceof List && depth > 0n) collect(item.items, depth - 1n, into, meter);
    else into.push(item);
  }
}

/** Go sorts up to this many elements so that equal ones keep their order; with more it leaves the order open. */
const STABLE_ELEMENTS = 12;

function sortBy(list: List, keys: List): Outcome {
  const elements = list.elements();
  if (elements.length !== keys.items.length) return fault('sortBy: not one key for each element');
  const [first = null] = keys.items;
  if (keys.items.some((key) => typeNameOf(key) !== typeNameOf(first)))
    return fault('sort: elements of different types');
  if (elements.length > 0 && compare(first, first) instanceof Fault) return fault('sort: elements without an order');
  const order = (a: number, b: number): number => {
    const found = compare(keys.items[a] ?? null, keys.items[b] ?? null);
    return found instanceof Fault ? 0 : found;
  };
  const indexes = [...elements.keys()].toSorted(order);
  const isOpen =
    elements.length > STABLE_ELEMENTS &&
    list !== keys &&
    indexes.some((at, i) => i > 0 && order(indexes[i - 1] ?? 0, at) === 0);
  if (isOpen) return fault('sortBy: equal keys in more than 12 elements, whose order kube-apiserver leaves open');
  return new List(indexes.map((at) => elements[at] ?? null));
}

const MAX_RANGE = 1_000_000n;

function range(count: bigint, meter: Meter): Outcome {
  if (count < 0n || count > MAX_RANGE) return fault('lists.range: the number is negative or over a million');
  meter.work(Number(count) / 10);
  return new List(Array.from({ length: Number(count) }, (_, i) => BigInt(i)));
}

function distinct(list: List, meter: Meter): List {
  const kept: Value[] = [];
  for (const item of list.elements()) if (!kept.some((one) => equal(item, one, meter) === true)) kept.push(item);
  return new List(kept);
}
