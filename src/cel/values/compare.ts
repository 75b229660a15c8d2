// Equality and order of values (cel-go common/types: Equal and Compare of each type).

import type { Meter } from '../meter.ts';
import { Duration, Timestamp } from './time.ts';
import {
  CelMap,
  Fault,
  fault,
  type Key,
  keyOf,
  keyValue,
  List,
  NO_OVERLOAD,
  Optional,
  type Outcome,
  TypeName,
  Uint,
  type Value,
} from './value.ts';

type Number = bigint | number | Uint;

const isNumber = (value: Value): value is Number =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;

/** Deep; numbers of different types compare by value, values of other different types are not equal. Pays for what is inside. */
export function equal(a: Value, b: Value, meter: Meter): boolean | Fault {
  if (isNumber(a)) return isNumber(b) && numberOrder(a, b) === 0;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  if (a instanceof List) return b instanceof List && equalLists(a, b, meter);
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b, meter);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof TypeName) return b instanceof TypeName && a.name === b.name;
  if (a instanceof Optional) return b instanceof Optional && equalOptionals(a, b, meter);
  return a.equals(b);
}

function equalLists(a: List, b: List, meter: Meter): boolean | Fault {
  if (a.items.length !== b.items.length) return false;
  meter.work(a.items.length / 4);
  for (const [i, item] of a.items.entries()) {
    if (typeof item === 'string') meter.work(item.length / 100);
    const same = equal(item, b.items[i] ?? null, meter);
    if (same !== true) return same;
  }
  return true;
}

function equalMaps(a: CelMap, b: CelMap, meter: Meter): boolean | Fault {
  if (a.entries === b.entries) return true;
  if (a.isInput || b.isInput) return fault('the whole of claims or user cannot be compared with another map');
  if (a.entries.size !== b.entries.size) return false;
  meter.work(a.entries.size);
  for (const [key, value] of a.entries) {
    const other = find(b, keyValue(key));
    if (typeof value === 'string') meter.work(value.length / 100);
    const same = other !== undefined && equal(value, other, meter);
    if (same !== true) return same;
  }
  return true;
}

function equalOptionals(a: Optional, b: Optional, meter: Meter): boolean | Fault {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return equal(a.value, b.value, meter);
}

/** The value at this key; a number of another type finds the key of its value. */
export function find({ entries }: CelMap, key: Value): Value | undefined {
  const exact = keyOf(key);
  if (exact === undefined) return undefined;
  const found = entries.get(exact);
  if (found !== undefined || typeof key === 'string' || typeof key === 'boolean') return found;
  for (const other of otherNumbers(key)) {
    const value = entries.get(other);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Keys that are equal to a number, but of another type; a key of type double is found by a double alone. */
function otherNumbers(key: Value): Key[] {
  if (key instanceof Uint) return key.value < 2n ** 63n ? [key.value] : [];
  const int = typeof key === 'number' ? (Number.isInteger(key) ? BigInt(key) : undefined) : key;
  if (typeof int !== 'bigint') return [];
  const uint = int >= 0n && int < 2n ** 64n ? keyOf(new Uint(int)) : undefined;
  return [...(typeof key === 'number' ? [int] : []), ...(uint === undefined ? [] : [uint])];
}

/** Negative, zero or positive; a fault when the types have no common order. */
export function compare(a: Value, b: Value): number | Fault {
  if (isNumber(a)) {
    if (Number.isNaN(a) || Number.isNaN(b)) return fault('NaN has no order');
    return isNumber(b) ? numberOrder(a, b) : NO_OVERLOAD;
  }
  if (typeof a === 'string') return typeof b === 'string' ? stringOrder(a, b) : NO_OVERLOAD;
  if (typeof a === 'boolean') return typeof b === 'boolean' ? +a - +b : NO_OVERLOAD;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : NO_OVERLOAD;
  if (a instanceof Timestamp) return b instanceof Timestamp ? order(a.nanos, b.nanos) : NO_OVERLOAD;
  if (a instanceof Duration) return b instanceof Duration ? order(a.nanos, b.nanos) : NO_OVERLOAD;
  return NO_OVERLOAD;
}

/** The answer of a comparison, such as whether `a` is less than `b`. */
export function isOrdered(a: Value, b: Value, holds: (order: number) => boolean): Outcome {
  const order = compare(a, b);
  return order instanceof Fault ? order : holds(order);
}

/** An int beside a double counts as the nearest double, as cel-go has it; NaN is equal to nothing. */
function numberOrder(a: Number, b: Number): number {
  const [left, right] = [a instanceof Uint ? a.value : a, b instanceof Uint ? b.value : b];
  if (typeof left === typeof right) return order(left, right);
  return order(Number(left), Number(right));
}

const order = (a: bigint | number, b: bigint | number): number => (a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN);

/** By code point; JavaScript alone would compare halves of characters. */
export function stringOrder(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const SURROGATE = /[\ud800-\udfff]/;
