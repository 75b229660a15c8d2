// Reads a search filter from its text (RFC 4515).

import type { Comparing, Filter, FilterValue } from './filter.ts';

const MAX_DEPTH = 50;
const SPACE = /\s*/y;
const NAME = String.raw`[A-Za-z0-9][\w.;-]*`;
const OPERATION = new RegExp(
  String.raw`(?<attribute>${NAME})?(?<dn>:dn)?(?::(?<rule>${NAME}))?\s*(?<operator>:=|>=|<=|~=|=)`,
  'iy',
);
const VALUE = /[^()\0]*/y;
/** An escaped byte, a placeholder, or characters that stand for themselves. */
const VALUE_PART = /\\(?<byte>[0-9a-f]{2})|\{(?<placeholder>[^{}]*)\}|(?<text>[^\\{}*]+)/giy;
const LAYOUT = /^\s*[\r\n]\s*|\s*[\r\n]\s*$/g;
const OPERATORS: Readonly<Record<string, Comparing>> = {
  '=': 'equal',
  '>=': 'atLeast',
  '<=': 'atMost',
  '~=': 'approximate',
};

/**
 * The filter, or a sentence that says what is wrong and where. White space between the parts is taken, as the tools of Active
 * Directory do; at the ends of a value it counts, unless a line breaks there. A `{name}` in a value is a placeholder.
 */
export function parseFilter(text: string): Filter | string {
  const reader = createReader(text);
  try {
    const filter = readFilter(reader, 0);
    return reader.sees('') ? filter : reader.fail('has something after its last parenthesis');
  } catch (error) {
    if (error instanceof NoFilter) return error.message;
    throw error;
  }
}

class NoFilter extends Error {}

interface Reader {
  /** True when this is next, white space before it skipped; an empty string is the end. */
  sees(character: string): boolean;
  /** The same, and reads it and the white space after it. */
  takes(character: string): boolean;
  /** Reads what matches here. */
  take(pattern: RegExp): RegExpExecArray | null;
  fail(what: string): never;
}

function createReader(text: string): Reader {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    position += match?.[0].length ?? 0;
    return match;
  };
  const sees = (character: string): boolean => {
    take(SPACE);
    return text.charAt(position) === character;
  };
  return {
    sees,
    takes: (character) => {
      if (!sees(character)) return false;
      position += character.length;
      take(SPACE);
      return true;
    },
    take,
    fail: (what) => {
      throw new NoFilter(`${what}, at character ${position + 1}`);
    },
  };
}

function readFilter(reader: Reader, depth: number): Filter {
  if (depth > MAX_DEPTH) reader.fail('is nested too deeply');
  if (!reader.takes('(')) reader.fail('lacks an opening parenthesis');
  const filter = readContent(reader, depth + 1);
  return reader.takes(')') ? filter : reader.fail('lacks a closing parenthesis');
}

function readContent(reader: Reader, depth: number): Filter {
  if (reader.takes('&')) return { kind: 'and', parts: readFilters(reader, depth) };
  if (reader.takes('|')) return { kind: 'or', parts: readFilters(reader, depth) };
  if (reader.takes('!')) return { kind: 'not', part: readFilter(reader, depth) };
  return readComparison(reader);
}

function readFilters(reader: Reader, depth: number): readonly Filter[] {
  const parts: Filter[] = [];
  while (reader.sees('(')) parts.push(readFilter(reader, depth));
  return parts;
}

function readComparison(reader: Reader): Filter {
  const { attribute, dn, rule, operator = '' } = reader.take(OPERATION)?.groups ?? {};
  const text = (reader.take(VALUE)?.[0] ?? '').replaceAll(LAYOUT, '');
  const kind = OPERATORS[operator];
  if (operator === ':=' && (attribute ?? rule) !== undefined) {
    return { kind: 'extensible', attribute, rule, dnAttributes: dn !== undefined, value: readValue(reader, text) };
  }
  if (kind === undefined || attribute === undefined || dn !== undefined || rule !== undefined) {
    return reader.fail('lacks a comparison such as uid={username}');
  }
  if (kind !== 'equal' || !text.includes('*')) return { kind, attribute, value: readValue(reader, text) };
  if (text === '*') return { kind: 'present', attribute };
  if (text.includes('**')) reader.fail('has two asterisks in a row');
  return { kind: 'substrings', attribute, pieces: text.split('*').map((piece) => readValue(reader, piece)) };
}

function readValue(reader: Reader, text: string): FilterValue {
  const parts = [...text.matchAll(VALUE_PART)];
  if (parts.reduce((length, [part]) => length + part.length, 0) < text.length) {
    reader.fail(String.raw`has \, *, { or } in a value, which is written \5c, \2a, \7b or \7d`);
  }
  return parts.map(({ groups: { byte, placeholder, text: plain } = {} }) => {
    if (placeholder !== undefined) return placeholder;
    return byte === undefined ? Buffer.from(plain ?? '') : Buffer.from(byte, 'hex');
  });
}
