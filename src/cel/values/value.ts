// What an expression computes with: the values of CEL, and faults in the place of values.

import type { Duration, Timestamp } from './time.ts';

/**
 * `bigint` is CEL's int, `number` its double, `Uint8Array` its bytes. Nothing is ever changed in place, except what a
 * loop is still collecting.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | List
  | CelMap
  | Timestamp
  | Duration
  | Optional
  | TypeName
  | Opaque;

/** Why there is no value. Faults are values, because `||`, `&&` and loops may pass over them. */
export class Fault {
  /** Fixed words, never a value that a claim had. */
  readonly words: string;
  /** Index into the source of the part that failed; known where the tree is walked. */
  readonly at: number | undefined;
  readonly end: number | undefined;

  constructor(words: string, at?: number, end?: number) {
    this.words = words;
    this.at = at;
    this.end = end;
  }
}

export type Outcome = Value | Fault;

export const fault = (words: string): Fault => new Fault(words);

/** The operator or the function does not take values of these types. */
export const NO_OVERLOAD = new Fault('the operator or function does not take values of these types');

/** CEL's uint: a number of its own type, so that `1u` and `1` have different text. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** How names are read: `escaped` also finds `example.org/x` as `example__dot__org__slash__x`, as in claims. */
export type Names = 'plain' | 'escaped';

export class List {
  readonly items: readonly Value[];
  readonly names: Names;

  constructor(items: readonly Value[], names: Names = 'plain') {
    this.items = items;
    this.names = names;
  }

  /** The element as an index reads it. A loop reads `items`: kube-apiserver knows no escaped names there. */
  at(index: number): Value | undefined {
    const item = this.items[index];
    return this.names === 'escaped' && item !== undefined ? withEscapedNames(item) : item;
  }

  /** All elements, each as an index reads it. */
  elements(): readonly Value[] {
    return this.names === 'plain' ? this.items : this.items.map(withEscapedNames);
  }
}

/** A list that a loop is still collecting; ordinary again when the loop ends. */
export class GrowingList extends List {
  readonly collected: Value[];

  constructor() {
    const collected: Value[] = [];
    super(collected);
    this.collected = collected;
  }
}

/**
 * The key of a map as JavaScript's Map compares it. A uint is text that begins with half a character, which no string of
 * an expression or of JSON does (`../values/json.ts`).
 */
export type Key = string | bigint | number | boolean;

export class CelMap {
  readonly entries: ReadonlyMap<Key, Value>;
  readonly names: Names;
  /** `kubernetes.claims` for the whole of `claims`, which kube-apiserver can neither walk nor measure; else `map`. */
  readonly typeName: string;

  constructor(entries: ReadonlyMap<Key, Value>, names: Names = 'plain', typeName = 'map') {
    this.entries = entries;
    this.names = names;
    this.typeName = typeName;
  }

  get isInput(): boolean {
    return this.typeName !== 'map';
  }
}

/** A map that a loop is still collecting. */
export class GrowingMap extends CelMap {
  readonly collected: Map<Key, Value>;

  constructor() {
    const collected = new Map<Key, Value>();
    super(collected);
    this.collected = collected;
  }
}

export class Optional {
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export const NONE = new Optional(undefined);

/** What `type(x)` gives. */
export class TypeName {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library: an address, a URL, a quantity, a version, a format. */
export interface Opaque {
  readonly typeName: string;
  /** What kube-apiserver takes for its size where a call costs by size; 1 when it is left out. */
  readonly costSize?: number;
  equals(other: Value): boolean | Fault;
}

/** A value as it reads after an index into a list or map with escaped names. */
export function withEscapedNames(value: Value): Value {
  if (value instanceof List) return new List(value.items, 'escaped');
  return value instanceof CelMap ? new CelMap(value.entries, 'escaped') : value;
}

const UINT_MARK = '\ud800';

/** Undefined for a value that cannot be a key. */
export function keyOf(value: Value): Key | undefined {
  if (value instanceof Uint) return UINT_MARK + value.value;
  if (typeof value === 'object' || Number.isNaN(value)) return undefined;
  return value;
}

export function keyValue(key: Key): Value {
  return typeof key === 'string' && key.startsWith(UINT_MARK) ? new Uint(BigInt(key.slice(1))) : key;
}

/** The name of the type that `type(value)` gives. */
export function typeNameOf(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'double';
  return typeof value === 'boolean' ? 'bool' : objectTypeName(value);
}

function objectTypeName(value: Exclude<Value, string | bigint | number | boolean>): string {
  if (value === null) return 'null_type';
  if (value instanceof List) return 'list';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof Optional) return 'optional_type';
  return value instanceof TypeName ? 'type' : value.typeName;
}

/** CEL's zero values, which `optional.ofNonZeroValue` takes for none (the traits.Zeroer of cel-go); no list or map of claims is one. */
export function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof List) return value.names === 'plain' && value.items.length === 0;
  if (value instanceof CelMap) return value.names === 'plain' && !value.isInput && value.entries.size === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  return typeof value === 'object' && 'isZero' in value && value.isZero;
}
