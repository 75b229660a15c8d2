// cel-go's strings extension in version 2 (ext/strings.go), counted in code points as CEL demands.

import type { Meter } from '../meter.ts';
import { LETTER_ESCAPES } from '../values/quoted.ts';
import { codePoints, hasSurrogates } from '../values/size.ts';
import { fault, List, type Outcome } from '../values/value.ts';
import type { FunctionTable } from './table.ts';

export const STRING_FUNCTIONS: FunctionTable = {
  'string.charAt(int): string': charAt,
  'string.contains(string): bool': (text: string, part: string) => text.includes(part),
  'string.endsWith(string): bool': (text: string, part: string) => text.endsWith(part),
  'string.startsWith(string): bool': (text: string, part: string) => text.startsWith(part),
  'string.indexOf(string): int': (text: string, part: string) => indexOf(text, part, 0n),
  'string.indexOf(string, int): int': indexOf,
  'string.lastIndexOf(string): int': (text: string, part: string) => lastIndexOf(text, part, undefined),
  'string.lastIndexOf(string, int): int': (text: string, part: string, from: bigint) => lastIndexOf(text, part, from),
  'string.lowerAscii(): string': (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()),
  'string.upperAscii(): string': (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()),
  'string.replace(string, string): string': (text: string, from: string, to: string, meter: Meter) =>
    replace(text, from, to, -1n, meter),
  'string.replace(string, string, int): string': replace,
  'string.split(string): list<string>': (text: string, separator: string) => new List(split(text, separator, -1n)),
  'string.split(string, int): list<string>': (text: string, separator: string, limit: bigint) =>
    new List(split(text, separator, limit)),
  'string.substring(int): string': substring,
  'string.substring(int, int): string': substringTo,
  'string.trim(): string': trim,
  'list<string>.join(): string': (list: List, meter: Meter) => join(list, '', meter),
  'list<string>.join(string): string': join,
  'strings.quote(string): string': quote,
};

/** UTF-16 units when the text has no surrogates, code points else: the same count, and the first is cheap. */
const characters = (text: string): string[] => (hasSurrogates(text) ? Array.from(text) : text.split(''));

const outOfRange = (name: string): Outcome => fault(`${name}: the index is out of range`);

const lengthOf = (text: string): bigint => BigInt(codePoints(text));

function charAt(text: string, index: bigint): Outcome {
  const all = characters(text);
  return index < 0n || index > BigInt(all.length) ? outOfRange('charAt') : (all[Number(index)] ?? '');
}

function substring(text: string, start: bigint): Outcome {
  return substringTo(text, start, lengthOf(text));
}

function substringTo(text: string, start: bigint, end: bigint): Outcome {
  if (start < 0n || end < start || end > lengthOf(text)) return outOfRange('substring');
  if (!hasSurrogates(text)) return text.slice(Number(start), Number(end));
  return characters(text).slice(Number(start), Number(end)).join('');
}

/** Code points before a UTF-16 position. */
const countBefore = (text: string, units: number): bigint => lengthOf(text.slice(0, units));
const unitsBefore = (text: string, characterCount: bigint): number =>
  hasSurrogates(text) ? characters(text).slice(0, Number(characterCount)).join('').length : Number(characterCount);

/** From an index behind the end nothing is found, except the empty string: that is at the end. */
function indexOf(text: string, part: string, from: bigint): Outcome {
  if (from < 0n) return outOfRange('indexOf');
  const length = lengthOf(text);
  if (part === '') return from > length ? length : from;
  const units = from >= length ? -1 : text.indexOf(part, unitsBefore(text, from));
  return units === -1 ? -1n : countBefore(text, units);
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): Outcome {
  if (from !== undefined && from < 0n) return outOfRange('lastIndexOf');
  const length = lengthOf(text);
  if (part === '') return from === undefined || from > length ? length : from;
  const start = from ?? length - 1n;
  const units = start < 0n || start >= length ? -1 : text.lastIndexOf(part, unitsBefore(text, start));
  return units === -1 ? -1n : countBefore(text, units);
}

/** Like Go's strings.Replace: a negative limit replaces all. Paid before it grows. */
function replace(text: string, from: string, to: string, limit: bigint, meter: Meter): string {
  const count = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  const pieces = from === '' ? characters(text) : text.split(from);
  meter.work(pieces.length * (1 + to.length / 8));
  if (from === '') return insertBetween(pieces, to, count);
  const replaced = pieces.slice(0, count + 1).join(to);
  return [replaced, ...pieces.slice(count + 1)].join(from);
}

function insertBetween(pieces: readonly string[], to: string, count: number): string {
  const inserted = pieces.map((piece, i) => (i < count ? to + piece : piece)).join('');
  return pieces.length < count ? inserted + to : inserted;
}

/** Like Go's strings.SplitN: a negative limit splits all, zero gives nothing. */
function split(text: string, separator: string, limit: bigint): string[] {
  const pieces = separator === '' ? characters(text) : text.split(separator);
  if (limit < 0n || BigInt(pieces.length) <= limit) return pieces;
  if (limit === 0n) return [];
  const kept = Number(limit) - 1;
  return [...pieces.slice(0, kept), pieces.slice(kept).join(separator)];
}

/** What Go's unicode.IsSpace takes for space; JavaScript's own `trim` takes U+FEFF as well, and no U+0085. */
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${SPACE}+`);
const TRAILING = new RegExp(`(?<!${SPACE})${SPACE}+$`);

function trim(text: string): string {
  return text.replace(LEADING, '').replace(TRAILING, '');
}

/** Pays for the result before it is made. */
function join(list: List, separator: string, meter: Meter): Outcome {
  meter.work((list.items.length * separator.length) / 8);
  const parts: string[] = [];
  for (const item of list.items) {
    if (typeof item !== 'string') return fault('join: the list has an element that is not a string');
    meter.work(item.length / 8);
    parts.push(item);
  }
  return parts.join(separator);
}

function quote(text: string): string {
  return `"${Array.from(text, (character) => LETTER_ESCAPES[character] ?? character).join('')}"`;
}
