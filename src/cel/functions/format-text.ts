// Text of values inside `format`: numbers as Go's message printer writes them in English, lists and maps as CEL.

import { decodeUtf8 } from '../../text/utf8.ts';
import { stringOrder } from '../values/compare.ts';
import { doubleText } from '../values/numbers.ts';
import { quoted } from '../values/quoted.ts';
import { Duration, durationText, Timestamp, timestampText } from '../values/time.ts';
import { CelMap, Fault, fault, keyValue, List, TypeName, Uint, type Value } from '../values/value.ts';

/** `%s`: what `string()` gives, and lists and maps as CEL literals. */
export function plainText(value: Value): string | Fault {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return doubleText(value);
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? fault('format: the bytes are not UTF-8');
  if (value instanceof TypeName) return value.name;
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof List) return listText(value);
  if (value instanceof CelMap && !value.isInput) return mapText(value);
  return fault('format: %s does not take a value of this type');
}

function listText({ items }: List): string | Fault {
  const parts = texts(items.map(literalText));
  return parts instanceof Fault ? parts : `[${parts.join(', ')}]`;
}

/** Entries in the order of the text of their keys. */
function mapText({ entries }: CelMap): string | Fault {
  const pairs: (readonly [string, string])[] = [];
  for (const [key, value] of entries) {
    if (typeof key === 'number') return fault('format: the key of a map is a double');
    const pair = texts([literalText(keyValue(key)), literalText(value)]);
    if (pair instanceof Fault) return pair;
    pairs.push([pair[0] ?? '', pair.join(':')]);
  }
  const sorted = pairs.toSorted(([a], [b]) => stringOrder(a, b));
  return `{${sorted.map(([, pair]) => pair).join(', ')}}`;
}

function texts(parts: readonly (string | Fault)[]): readonly string[] | Fault {
  const found: string[] = [];
  for (const part of parts) {
    if (part instanceof Fault) return part;
    found.push(part);
  }
  return found;
}

/** A value inside a list or map. */
function literalText(value: Value): string | Fault {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return (Object.is(value, -0) ? '-' : '') + fixedText(value, 6);
    return quoted(doubleText(value));
  }
  const text = plainText(value);
  if (text instanceof Fault) return text;
  if (typeof value === 'string') return quoted(text);
  if (value instanceof Uint8Array) return `b${quoted(text)}`;
  if (value instanceof Timestamp) return `timestamp(${quoted(text)})`;
  return value instanceof Duration ? `duration(${quoted(text)})` : text;
}

/** `%f` in English: digits in groups of three, and signs for what is no number. */
export function fixedNumber(value: number, precision: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const [whole = '', fraction] = fixedText(value, precision).split('.');
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Digits after the point, a half rounded to the even digit, as Go does it; exact, whatever the precision. */
function fixedText(value: number, precision: number): string {
  const [mantissa, exponent] = binaryParts(Math.abs(value));
  const scaled = mantissa * 10n ** BigInt(precision);
  const digits = exponent >= 0n ? scaled << exponent : halfEven(scaled, -exponent);
  const text = digits.toString().padStart(precision + 1, '0');
  const sign = value < 0 ? '-' : '';
  return precision === 0 ? sign + text : `${sign}${text.slice(0, -precision)}.${text.slice(-precision)}`;
}

function halfEven(value: bigint, shift: bigint): bigint {
  const [quotient, rest, half] = [value >> shift, value & ((1n << shift) - 1n), 1n << (shift - 1n)];
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** `mantissa * 2 ** exponent`. */
function binaryParts(value: number): [bigint, bigint] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = bits >> 52n;
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? [fraction, -1074n] : [fraction | (1n << 52n), exponent - 1075n];
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `%e` in English: always six digits. What stands as precision is the width (cel-go ext/formatting.go, Scientific). */
export function scientificNumber(value: number, width: number): string {
  if (!Number.isFinite(value)) return fixedNumber(value, 0).padStart(width);
  const [mantissa = '', power = ''] = sixDigits(Math.abs(value)).split('e');
  const digits = power.replace(/^[+-]/, '').padStart(2, '0');
  const raised = digits
    .split('')
    .map((digit) => SUPERSCRIPTS[Number(digit)])
    .join('');
  return `${value < 0 ? '-' : ''}${mantissa}×10${power.startsWith('-') ? '⁻' : ''}${raised}`.padStart(width);
}

/** JavaScript rounds a half up; a tie at the seventh digit goes to the even digit in Go. */
function sixDigits(value: number): string {
  // oxlint-disable-next-line number-arg-out-of-range -- up to 100 digits are allowed since ECMAScript 2018
  const exact = value.toExponential(60);
  const isTie = /^\d\.\d{5}[02468]50*e/.test(exact);
  return isTie ? exact.replace(/^(\d\.\d{6})\d*/, '$1') : value.toExponential(6);
}
