// Arithmetic and order, as cel-go's standard library has them: 64 bits with overflow, numbers of one type.

import { isOrdered } from '../values/compare.ts';
import { int, uint } from '../values/numbers.ts';
import type { Duration, Timestamp } from '../values/time.ts';
import { durationOf, timestampOf } from '../values/time.ts';
import type { Uint } from '../values/value.ts';
import { fault, GrowingList, List, type Outcome, type Value } from '../values/value.ts';
import { type FunctionTable, forTypes, PLANNED } from './table.ts';

const DIVISION = fault('division by zero');

export const OPERATORS: FunctionTable = {
  '_&&_(bool, bool): bool': PLANNED,
  '_||_(bool, bool): bool': PLANNED,
  '_?_:_(bool, A, A): A': PLANNED,
  '_==_(A, A): bool': PLANNED,
  '_!=_(A, A): bool': PLANNED,
  '@not_strictly_false(bool): bool': PLANNED,
  '_[_](list<A>, int): A': PLANNED,
  '_[_](map<A, B>, A): B': PLANNED,
  '_[_](optional_type<list<V>>, int): optional_type<V>': PLANNED,
  '_[_](optional_type<map<K, V>>, K): optional_type<V>': PLANNED,
  '_[?_](list<V>, int): optional_type<V>': PLANNED,
  '_[?_](optional_type<list<V>>, int): optional_type<V>': PLANNED,
  '_[?_](map<K, V>, K): optional_type<V>': PLANNED,
  '_[?_](optional_type<map<K, V>>, K): optional_type<V>': PLANNED,
  '!_(bool): bool': (value: boolean) => !value,
  '-_(double): double': (value: number) => -value,
  '-_(int): int': (value: bigint) => int(-value),
  '_+_(bytes, bytes): bytes': (a: Uint8Array, b: Uint8Array) => Buffer.concat([a, b]),
  '_+_(double, double): double': (a: number, b: number) => a + b,
  '_+_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration': (a: Duration, b: Duration) =>
    durationOf(a.nanos + b.nanos),
  '_+_(google.protobuf.Duration, google.protobuf.Timestamp): google.protobuf.Timestamp': (a: Duration, b: Timestamp) =>
    timestampOf(a.nanos + b.nanos, b.offsetSeconds),
  '_+_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp': (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos + b.nanos, a.offsetSeconds),
  '_+_(int, int): int': (a: bigint, b: bigint) => int(a + b),
  '_+_(list<A>, list<A>): list<A>': concat,
  '_+_(string, string): string': (a: string, b: string) => a + b,
  '_+_(uint, uint): uint': (a: Uint, b: Uint) => uint(a.value + b.value),
  '_-_(double, double): double': (a: number, b: number) => a - b,
  '_-_(google.protobuf.Duration, google.protobuf.Duration): google.protobuf.Duration': (a: Duration, b: Duration) =>
    durationOf(a.nanos - b.nanos),
  '_-_(int, int): int': (a: bigint, b: bigint) => int(a - b),
  '_-_(google.protobuf.Timestamp, google.protobuf.Duration): google.protobuf.Timestamp': (a: Timestamp, b: Duration) =>
    timestampOf(a.nanos - b.nanos, a.offsetSeconds),
  '_-_(google.protobuf.Timestamp, google.protobuf.Timestamp): google.protobuf.Duration': (a: Timestamp, b: Timestamp) =>
    durationOf(a.nanos - b.nanos),
  '_-_(uint, uint): uint': (a: Uint, b: Uint) => uint(a.value - b.value),
  '_*_(double, double): double': (a: number, b: number) => a * b,
  '_*_(int, int): int': (a: bigint, b: bigint) => int(a * b),
  '_*_(uint, uint): uint': (a: Uint, b: Uint) => uint(a.value * b.value),
  '_/_(double, double): double': (a: number, b: number) => a / b,
  '_/_(int, int): int': (a: bigint, b: bigint) => (b === 0n ? DIVISION : int(a / b)),
  '_/_(uint, uint): uint': (a: Uint, b: Uint) => (b.value === 0n ? DIVISION : uint(a.value / b.value)),
  // The quotient must fit as well: the least int divided by -1 overflows, and its remainder is refused with it.
  '_%_(int, int): int': (a: bigint, b: bigint) =>
    b === 0n ? DIVISION : typeof int(a / b) === 'bigint' ? a % b : int(a / b),
  '_%_(uint, uint): uint': (a: Uint, b: Uint) => (b.value === 0n ? DIVISION : uint(a.value % b.value)),
  ...comparisons('<', (order) => order < 0),
  ...comparisons('<=', (order) => order <= 0),
  ...comparisons('>', (order) => order > 0),
  ...comparisons('>=', (order) => order >= 0),
};

function comparisons(operator: string, holds: (order: number) => boolean): FunctionTable {
  const compared = (a: Value, b: Value): Outcome => isOrdered(a, b, holds);
  const same = [
    'bool',
    'int',
    'uint',
    'double',
    'string',
    'bytes',
    'google.protobuf.Timestamp',
    'google.protobuf.Duration',
  ];
  const mixed = ['int, double', 'int, uint', 'uint, double', 'uint, int', 'double, int', 'double, uint'];
  return forTypes(
    [...same.map((type) => `${type}, ${type}`), ...mixed],
    (types) => `_${operator}_(${types}): bool`,
    compared,
  );
}

/** A list that a loop collects grows in place; adding nothing gives the other list (cel-go common/types/list.go). */
function concat(a: List, b: List): List {
  if (a instanceof GrowingList) {
    for (const item of b.elements()) a.collected.push(item);
    return a;
  }
  if (a.items.length === 0) return b;
  if (b.items.length === 0) return new List(a.items);
  return new List([...a.items, ...b.elements()]);
}
