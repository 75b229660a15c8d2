// Text in quotes as Go's `%q` writes it.

import { NEWER_CHARACTER } from './unicode.ts';

/** The characters that Go writes with a letter of their own. */
export const LETTER_ESCAPES: Readonly<Record<string, string>> = {
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
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Go's `%q`. */
export const quoted = (text: string): string => `"${Array.from(text, escaped).join('')}"`;

function escaped(character: string): string {
  const known = LETTER_ESCAPES[character];
  if (known !== undefined) return known;
  if (PRINTABLE.test(character) && !NEWER_CHARACTER.test(character)) return character;
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2 && character < '\u0080') return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
