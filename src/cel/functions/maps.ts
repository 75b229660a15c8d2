// Maps and optionals: membership, what loops collect into maps, `optional.of` and its family (cel-go cel/library.go).

import { find } from '../values/compare.ts';
import {
  CelMap,
  fault,
  GrowingMap,
  isZero,
  keyOf,
  keyValue,
  List,
  NONE,
  Optional,
  type Outcome,
  type Value,
} from '../values/value.ts';
import { type FunctionTable, PLANNED } from './table.ts';

export const MAP_FUNCTIONS: FunctionTable = {
  '@in(A, map<A, B>): bool': (key: Value, map: CelMap) => find(map, key) !== undefined,
  'cel.@mapInsert(map<K, V>, K, V): map<K, V>': insert,
  'cel.@mapInsert(map<K, V>, map<K, V>): map<K, V>': insertAll,
};

export const OPTIONAL_FUNCTIONS: FunctionTable = {
  'optional.none(): optional_type<V>': () => NONE,
  'optional.of(V): optional_type<V>': (value: Value) => new Optional(value),
  'optional.ofNonZeroValue(V): optional_type<V>': (value: Value) => (isZero(value) ? NONE : new Optional(value)),
  'optional.unwrap(list<optional_type<V>>): list<V>': unwrap,
  'list<optional_type<V>>.unwrapOpt(): list<V>': unwrap,
  'optional_type<V>.hasValue(): bool': ({ value }: Optional) => value !== undefined,
  'optional_type<V>.value(): V': ({ value }: Optional) =>
    value === undefined ? fault('the optional has no value') : value,
  'optional_type<V>.or(optional_type<V>): optional_type<V>': PLANNED,
  'optional_type<V>.orValue(V): V': PLANNED,
  'list<V>.first(): optional_type<V>': (list: List) => new Optional(list.at(0)),
  'list<V>.last(): optional_type<V>': (list: List) => new Optional(list.at(list.items.length - 1)),
};

/** Changes a map that a loop collects, and copies any other. A key that is there already is a fault. */
function insert(map: CelMap, key: Value, value: Value): Outcome {
  const name = keyOf(key);
  if (name === undefined) return fault('the key of a map is a string, a number or a bool');
  if (find(map, key) !== undefined) return fault('the key is in the map already');
  if (!(map instanceof GrowingMap)) return new CelMap(new Map([...map.entries, [name, value]]));
  map.collected.set(name, value);
  return map;
}

function insertAll(map: CelMap, entries: CelMap): Outcome {
  let collected: Outcome = map;
  for (const [key, value] of entries.entries) {
    if (!(collected instanceof CelMap)) return collected;
    collected = insert(collected, keyValue(key), value);
  }
  return collected;
}

function unwrap({ items }: List): Outcome {
  const values: Value[] = [];
  for (const item of items) {
    if (!(item instanceof Optional)) return fault('unwrap: an element is no optional');
    if (item.value !== undefined) values.push(item.value);
  }
  return new List(values);
}
