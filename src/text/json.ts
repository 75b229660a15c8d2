// JSON values as plain data, and the shapes that the program asks them for.

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * Copies a JSON value so that every object in it has no prototype: `__proto__` and `constructor` become ordinary keys.
 * Lists and objects below `maxDepth` become null, so a hostile answer cannot exhaust the stack.
 */
export function asData(value: unknown, maxDepth = 32): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value !== 'object' || maxDepth === 0) return null;
  if (Array.isArray(value)) return value.map((item) => asData(item, maxDepth - 1));
  return dataObject(Object.entries(value), maxDepth);
}

/** A null-prototype object of these entries; later ones win. */
export function dataObject(entries: Iterable<readonly [string, unknown]>, maxDepth = 32): JsonObject {
  const copy: Record<string, JsonValue> = Object.create(null);
  for (const [key, value] of entries) copy[key] = asData(value, maxDepth - 1);
  return copy;
}

/** Parses JSON text to an object as data; undefined when it is not JSON or not an object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? dataObject(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** True for a JSON object, false for null, lists and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` that keeps the type of the items. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** True for a string that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The list when every item of it is a string; undefined for everything else. */
export function stringList(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const strings = value.filter((item: unknown) => typeof item === 'string');
  return strings.length === value.length ? strings : undefined;
}
