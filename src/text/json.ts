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

/**
 * Sixteen digits in a row, decimal point included, or an exponent, where a number can begin: only such ones can be more than
 * a double holds. The ids in most tokens have digits and an e as well, in the middle of a string.
 */
const LONG_NUMBER = /(?:^|[[:,\s])-?\d(?:[\d.]{15}|[\d.]*[eE])/;

/**
 * The value of JSON text; undefined when it is not JSON. A number that a double does not hold exactly becomes
 * `{ "inexactNumber": "<as it was written>" }`: two ids above 2^53 must never become one, and a rule that reads one as a
 * number or a string fails.
 */
export function parseJson(text: string): unknown {
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Parses JSON text to an object as data; undefined when it is not JSON or not an object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? dataObject(Object.entries(value)) : undefined;
}

/** A reviver (ECMAScript's `JSON.parse` with source text access). */
function exactly(_key: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined && !isExact(value, source)
    ? { inexactNumber: source }
    : value;
}

/** True when the digits are the shortest ones of this very double, so that no other such text gives the same. */
function isExact(value: number, source: string): boolean {
  return digitsOf(source) === digitsOf(String(value)) && Number.isFinite(value);
}

/** Significant digits, and where the decimal point stands behind the first: `-120.0e1` is `12` and `3`. */
function digitsOf(number: string): string {
  const [mantissa = '', exponent = '0'] = number.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const leading = whole.length + fraction.length - all.length;
  return `${all.replace(/0+$/, '')} ${all === '' ? 0 : Number(exponent) + whole.length - leading}`;
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

/**
 * Whether this JSON object has a member twice at its top. `text` is an object that `JSON.parse` takes; which of the two it would
 * keep is a matter of the parser (RFC 8259 §4), so that two programs could read two issuers out of one token.
 */
export function hasRepeatedMember(text: string): boolean {
  const names = new Set<string>();
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && isName(text, index + token.length)) {
      const name = String(JSON.parse(token));
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}

/** A string with its escapes, or a bracket. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
const COLON = /\s*:/y;

/** Only the name of a member has a colon behind it. */
function isName(text: string, end: number): boolean {
  COLON.lastIndex = end;
  return COLON.test(text);
}
