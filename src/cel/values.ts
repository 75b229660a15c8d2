// Values on their way into and out of an expression: JSON data on both sides.

import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { charge } from './meter.ts';

/** A map in an expression: keys such as `constructor` are keys and nothing else. */
export type CelMap = ReadonlyMap<string, unknown>;

const converted = new WeakMap<JsonObject, CelMap>();

/** The object as maps all the way down; done once per object, so several expressions over one user share it. */
export function celMap(object: JsonObject): CelMap {
  let map = converted.get(object);
  if (map === undefined) {
    map = new Map(Object.entries(object).map(([key, value]) => [key, celValue(value)]));
    converted.set(object, map);
  }
  return map;
}

function celValue(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isJsonObject(value)) return celMap(value);
  return value.some(isContainer) ? value.map(celValue) : value;
}

const isContainer = (value: JsonValue): boolean => typeof value === 'object' && value !== null;

/**
 * The result of an expression as JSON data: integers become numbers. Undefined when JSON cannot say it: integers beyond
 * 2^53, NaN and infinity, bytes, timestamps, durations, types, optionals, maps whose keys are not strings.
 */
export function jsonResult(value: unknown): JsonValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : undefined;
  if (Array.isArray(value)) return jsonList(value);
  return typeof value === 'object' ? jsonObject(value) : undefined;
}

function jsonList(items: readonly unknown[]): JsonValue | undefined {
  const list: JsonValue[] = [];
  for (const item of items) {
    const json = jsonResult(item);
    if (json === undefined) return undefined;
    list.push(json);
  }
  return list;
}

function jsonObject(value: object): JsonValue | undefined {
  const entries = entriesOf(value);
  if (entries === undefined) return undefined;
  const object: Record<string, JsonValue> = Object.create(null);
  for (const [key, item] of entries) {
    const json = jsonResult(item);
    if (json === undefined || typeof key !== 'string') return undefined;
    object[key] = json;
  }
  return object;
}

/** The entries of a map value; undefined for anything else that is an object. */
function entriesOf(value: object): Iterable<[unknown, unknown]> | undefined {
  if (value instanceof Map) return value.entries();
  return Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value) : undefined;
}

/** CEL's `==` for list functions: deep, and numbers of different types compare by value. */
export function equal(a: unknown, b: unknown): boolean {
  charge(1);
  if (a === b) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') return isNumber(a) && isNumber(b) && a == b; // oxlint-disable-line eqeqeq -- 1n == 1
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  const left = entriesOf(a);
  const right = entriesOf(b);
  return left !== undefined && right !== undefined && sameEntries(new Map(left), new Map(right));
}

function sameEntries(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)));
}

const isNumber = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
