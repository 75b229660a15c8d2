// Cuts the text of an expression into tokens, by the lexer rules of cel-go (parser/gen/CEL.g4).

import { Fault, fault, type Value } from '../values/value.ts';
import { numberValue, quotedValue } from './literal.ts';

/** `end` is the index after the last character. */
export interface Token {
  readonly kind: 'number' | 'quoted' | 'word' | 'sign';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const ESCAPE = String.raw`\\(?:[abfnrtv"'\\?\`]|[0-3][0-7]{2}|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`;

/** Bodies of the eight forms of a string; the longest of those that fit counts. */
const STRINGS = [
  `"""(?:${ESCAPE}|[^\\\\])*?"""`,
  `'''(?:${ESCAPE}|[^\\\\])*?'''`,
  `"(?:${ESCAPE}|[^\\\\"\\n\\r])*"`,
  `'(?:${ESCAPE}|[^\\\\'\\n\\r])*'`,
  String.raw`[rR]"""[^]*?"""`,
  String.raw`[rR]'''[^]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
].join('|');

const FLOAT = String.raw`(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)`;

const TOKEN = new RegExp(
  [
    String.raw`(?<space>[\t\r\n\f ]+|//[^\n]*)`,
    `(?<number>${FLOAT}|0x[0-9a-fA-F]+[uU]?|[0-9]+[uU]?)`,
    `(?<quoted>[bB]?(?:${STRINGS}))`,
    '(?<word>[A-Za-z_][A-Za-z0-9_]*|`[A-Za-z0-9_./ -]+`)',
    '(?<sign>==|!=|<=|>=|&&|\\|\\||[-+*/%<>!?:.,()[\\]{}])',
  ].join('|'),
  'y',
);

/** A name between backticks, which may have other characters than letters: claims.`example.org/name`. */
export const isEscapedName = ({ text }: Token): boolean => text.startsWith('`');

/** The tokens, without space and comments; a fault where no token begins. */
export function tokensOf(source: string): readonly Token[] | Fault {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let start = 0; start < source.length; start = TOKEN.lastIndex) {
    const { groups } = TOKEN.exec(source) ?? {};
    if (groups === undefined) return new Fault(misread(source, start), start, start + 1);
    const [kind, text = ''] = Object.entries(groups).find(([, found]) => found !== undefined) ?? [];
    if (kind === 'space') continue;
    if (kind === 'number' || kind === 'quoted' || kind === 'word' || kind === 'sign') {
      tokens.push({ kind, text, start, end: start + text.length });
    }
  }
  return tokens;
}

function misread(source: string, start: number): string {
  const character = String.fromCodePoint(source.codePointAt(start) ?? 0);
  if (character === '"' || character === "'") return 'the string does not end, or has an unknown escape';
  return `unexpected character: ${character}`;
}

/** The value of a number or a string; `sign` is the minus before a number. */
export function literalOf({ kind, text }: Token, sign: '' | '-' = ''): Value | Fault {
  if (kind === 'number') return numberValue(text, sign);
  return quotedValue(text) ?? fault('the string has an escape that means no character');
}
