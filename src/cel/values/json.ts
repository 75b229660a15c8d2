// Values on their way into and out of an expression: JSON data on both sides.

import { isJsonObject, type JsonObject, type JsonValue } from '../../text/json.ts';
import { Duration, durationText, Timestamp, timestampText } from './time.ts';
import { CelMap, type Key, List, Optional, Uint, type Value } from './value.ts';

const converted = new WeakMap<JsonObject, ReadonlyMap<Key, Value>>();

/** The entries of the object; made once per object, so that several expressions over one user share them. */
export function entriesOf(object: JsonObject): ReadonlyMap<Key, Value> {
  let entries = converted.get(object);
  if (entries === undefined) {
    entries = new Map(Object.entries(object).map(([key, value]) => [key.toWellFormed(), valueOf(value)]));
    converted.set(object, entries);
  }
  return entries;
}

/** Numbers become doubles; half a character becomes U+FFFD, as Go's JSON decoder has it. */
export function valueOf(value: JsonValue): Value {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  return isJsonObject(value) ? new CelMap(entriesOf(value)) : new List(value.map(valueOf));
}

/**
 * The result of an expression as JSON data, by CEL's rules (cel-go, ConvertToNative for google.protobuf.Value):
 * timestamps and durations become text, bytes base64, integers beyond 2^53 decimal text, an optional what it holds.
 * Undefined when JSON cannot say it: NaN and infinity, types, empty optionals, addresses and the like, maps whose keys
 * are no strings.
 */
export function jsonResult(value: Value): JsonValue | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'bigint' ? jsonInteger(value) : jsonObjectOf(value);
}

/**
 * Whether {@link jsonResult} gives text for what is no string, or takes an optional for what it holds. kube-apiserver
 * refuses such a result as a name.
 */
export function isConverted(value: Value): boolean {
  if (value instanceof List) return value.items.some(isConverted);
  if (value instanceof CelMap) return [...value.entries.values()].some(isConverted);
  if (value instanceof Uint) return typeof jsonInteger(value.value) === 'string';
  if (typeof value === 'bigint') return typeof jsonInteger(value) === 'string';
  return typeof value === 'object' && value !== null;
}

const jsonInteger = (value: bigint): JsonValue => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

function jsonObjectOf(value: Exclude<Value, null | string | boolean | number | bigint>): JsonValue | undefined {
  if (value instanceof List) return jsonList(value);
  if (value instanceof CelMap) return jsonMap(value);
  if (value instanceof Uint) return jsonInteger(value.value);
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value instanceof Optional && value.value !== undefined ? jsonResult(value.value) : undefined;
}

function jsonList({ items }: List): JsonValue | undefined {
  const list: JsonValue[] = [];
  for (const item of items) {
    const json = jsonResult(item);
    if (json === undefined) return undefined;
    list.push(json);
  }
  return list;
}

function jsonMap({ entries }: CelMap): JsonValue | undefined {
  const object: Record<string, JsonValue> = Object.create(null);
  for (const [key, item] of entries) {
    const json = jsonResult(item);
    if (json === undefined || typeof key !== 'string') return undefined;
    object[key] = json;
  }
  return object;
}
