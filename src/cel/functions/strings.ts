// The string functions of cel-go's strings extension (version 2, and reverse), counted in code points as CEL demands.

import { fault } from '../fault.ts';
import { charge, chargeSize } from '../meter.ts';
import type { FunctionTable } from './table.ts';

/** Names that start with two underscores replace functions that cel-js brings, and that differ from CEL there. */
export const STRING_FUNCTIONS: FunctionTable = {
  'string.charAt(int): string': charAt,
  'string.__indexOf(string): int': (text: string, part: string) => indexOf(text, part, 0n),
  'string.__indexOf(string, int): int': indexOf,
  'string.__lastIndexOf(string): int': (text: string, part: string) => lastIndexOf(text, part, undefined),
  'string.__lastIndexOf(string, int): int': lastIndexOf,
  'string.__lowerAscii(): string': (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()),
  'string.__upperAscii(): string': (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()),
  'string.replace(string, string): string': (text: string, from: string, to: string) => replace(text, from, to, -1n),
  'string.replace(string, string, int): string': replace,
  'string.reverse(): string': (text: string) => characters(text).toReversed().join(''),
  'string.__split(string): list<string>': (text: string, separator: string) => split(text, separator, -1n),
  'string.__split(string, int): list<string>': split,
  'string.__substring(int): string': (text: string, start: bigint) => substring(text, start, undefined),
  'string.__substring(int, int): string': substring,
  'string.__trim(): string': (text: string) => text.trim(),
  'list<string>.__join(): string': (list: readonly unknown[]) => join(list, ''),
  'list<string>.__join(string): string': join,
  'StringsNamespace.quote(string): string': (_namespace: unknown, text: string) => quote(text),
};

/** UTF-16 units when the text has no surrogates, code points else: the same count, and the first is cheap. */
function characters(text: string): string[] {
  charge(text.length / 2);
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text.split('');
}

function charAt(text: string, index: bigint): string {
  const all = characters(text);
  if (index < 0n || index > BigInt(all.length)) throw fault('charAt: the index is out of range');
  return all[Number(index)] ?? '';
}

function substring(text: string, start: bigint, end: bigint | undefined): string {
  const all = characters(text);
  const to = end ?? BigInt(all.length);
  if (start < 0n || to < start || to > BigInt(all.length)) throw fault('substring: the index is out of range');
  return all.slice(Number(start), Number(to)).join('');
}

/** Code points before a UTF-16 position. */
const countBefore = (text: string, units: number): bigint => BigInt(characters(text.slice(0, units)).length);
const unitsBefore = (text: string, count: bigint): number => characters(text).slice(0, Number(count)).join('').length;

function indexOf(text: string, part: string, from: bigint): bigint {
  if (from < 0n || from > countBefore(text, text.length)) throw fault('indexOf: the index is out of range');
  const units = text.indexOf(part, unitsBefore(text, from));
  return units === -1 ? -1n : countBefore(text, units);
}

function lastIndexOf(text: string, part: string, from: bigint | undefined): bigint {
  const length = countBefore(text, text.length);
  const start = from ?? length;
  if (start < 0n || start > length) throw fault('lastIndexOf: the index is out of range');
  const units = text.lastIndexOf(part, unitsBefore(text, start));
  return units === -1 ? -1n : countBefore(text, units);
}

/** Like Go's strings.Replace: a negative limit replaces all. Paid before it grows. */
function replace(text: string, from: string, to: string, limit: bigint): string {
  const count = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
  const pieces = from === '' ? characters(text) : text.split(from);
  charge(pieces.length * (1 + to.length / 8));
  if (from === '') return insertBetween(pieces, to, count);
  const replaced = pieces.slice(0, count + 1).join(to);
  return [replaced, ...pieces.slice(count + 1)].join(from);
}

function insertBetween(pieces: readonly string[], to: string, count: number): string {
  const inserted = pieces.map((piece, i) => (i < count ? to + piece : piece)).join('');
  return pieces.length < count ? inserted + to : inserted;
}

function split(text: string, separator: string, limit: bigint): string[] {
  const pieces = separator === '' ? characters(text) : text.split(separator);
  charge(pieces.length);
  if (limit < 0n || BigInt(pieces.length) <= limit) return pieces;
  if (limit === 0n) return [];
  const kept = Number(limit) - 1;
  return [...pieces.slice(0, kept), pieces.slice(kept).join(separator)];
}

/** Joins after paying for the result. */
function join(list: readonly unknown[], separator: string): string {
  charge((list.length * separator.length) / 8);
  for (const item of list) {
    if (typeof item !== 'string') throw fault('join: the list has an element that is not a string');
    chargeSize(item);
  }
  return list.join(separator);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  charge(text.length);
  return `"${characters(text.toWellFormed())
    .map((character) => ESCAPES[character] ?? character)
    .join('')}"`;
}
