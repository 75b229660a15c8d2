// Sections that are written with nothing in them, as when all their lines are comments.

import { isJsonObject } from '../text/json.ts';

/** What the JSON Schema says of such a section, for zod's `meta`. */
export const OR_EMPTY = { type: ['object', 'null'] };

/** Those whose absence is harmless: never one that turns on TLS or narrows who gets in. `*` is any place of a list. */
const MAY_BE_EMPTY: readonly (readonly string[])[] = [
  ['webhook'],
  ['operations'],
  ['cache'],
  ['limits'],
  ['limits', 'failedPasswords'],
  ['log'],
  ['providers', '*', 'options'],
  ['providers', '*', 'claimMappings'],
  ['providers', '*', 'reserved'],
];

/** The same data without them, as a copy where something is left out. */
export function withoutEmptySections(data: unknown): unknown {
  return MAY_BE_EMPTY.reduce(without, data);
}

function without(data: unknown, [key = '', ...rest]: readonly string[]): unknown {
  if (key === '*') return Array.isArray(data) ? data.map((item: unknown) => without(item, rest)) : data;
  if (!isJsonObject(data) || !Object.hasOwn(data, key)) return data;
  const { [key]: value, ...others } = data;
  if (rest.length === 0) return value === null ? others : data;
  return { ...data, [key]: without(value, rest) };
}
