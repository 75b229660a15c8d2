// Reads a field, key or index of a value, with the escaped names of claims (k8s.io/apiserver pkg/cel/escaping.go).

import { find } from './compare.ts';
import { CelMap, Fault, fault, List, NO_OVERLOAD, type Outcome, Uint, type Value, withEscapedNames } from './value.ts';

/** The value, a fault, or undefined when there is no such key or index. */
export function read(from: Value, key: Value): Outcome | undefined {
  if (from instanceof CelMap) return readKey(from, key);
  if (!(from instanceof List)) return undefined;
  const index = indexOf(key);
  return index instanceof Fault ? index : from.at(index);
}

/** What is said when {@link read} finds nothing. */
export const missing = (from: Value): Fault =>
  fault(from instanceof List ? 'the list is shorter than the index' : 'no such key');

function readKey(map: CelMap, key: Value): Outcome | undefined {
  if (map.isInput) return readInput(map, key);
  if (map.names === 'plain') return find(map, key);
  const name = typeof key === 'string' ? unescaped(key) : undefined;
  const value = find(map, name ?? key);
  return value === undefined ? undefined : withEscapedNames(value);
}

function readInput(map: CelMap, key: Value): Outcome | undefined {
  if (typeof key !== 'string') return NO_OVERLOAD;
  const name = unescaped(key);
  const value = name === undefined ? undefined : map.entries.get(name);
  return value === undefined ? undefined : withEscapedNames(value);
}

const INT_LIMIT = 2 ** 63;

/** A list takes every whole number that an int can be. */
function indexOf(key: Value): number | Fault {
  const index = key instanceof Uint ? Number(key.value) : Number(isNumber(key) ? key : Number.NaN);
  const isInt = Number.isInteger(index) && (typeof key === 'bigint' || Math.abs(index) < INT_LIMIT);
  return isInt ? index : fault('a list has whole numbers as indexes');
}

const isNumber = (key: Value): key is number | bigint => typeof key === 'number' || typeof key === 'bigint';

const ESCAPE = /__([^_]+)__/g;
const NAMES: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };
const KEYWORDS =
  /^(?:true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;

/** `example__dot__org` is `example.org`; undefined for an escape that there is not. */
export function unescaped(name: string): string | undefined {
  if (!name.includes('__')) return name;
  let isKnown = true;
  const plain = name.replaceAll(ESCAPE, (all, inner: string) => {
    const known = NAMES[inner];
    if (known !== undefined) return known;
    isKnown &&= KEYWORDS.test(inner) && all.length === name.length;
    return inner;
  });
  return isKnown ? plain : undefined;
}
