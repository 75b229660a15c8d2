// The value of a literal, as cel-go's parser reads it (parser/unescape.go, VisitInt, VisitUint and VisitDouble).

import { int, uint } from '../values/numbers.ts';
import { fault, type Outcome } from '../values/value.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '?': '?',
};

/** The number that the text says, with the sign that stands before it: the least int has no positive twin. */
export function numberValue(text: string, sign: '' | '-' = ''): Outcome {
  const digits = text.replace(/[uU]$/, '');
  if (digits !== text) return uint(BigInt(digits));
  if (/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(text)) return int(sign === '-' ? -BigInt(text) : BigInt(text));
  const double = Number(sign + text);
  return Number.isFinite(double) ? double : fault('the number is too large');
}

/** A string or bytes with its prefixes and quotes; line ends become `\n`, in raw strings too. */
export function quotedValue(text: string): string | Uint8Array | undefined {
  const [, prefixes = '', rest = ''] = /^([bBrR]*)([^]*)$/.exec(text) ?? [];
  const quotes = /^(?:"""|''')/.test(rest) && rest.length >= 6 ? 3 : 1;
  const inner = rest.slice(quotes, -quotes).replaceAll(/\r\n?/g, '\n');
  const isBytes = /b/i.test(prefixes);
  if (/r/i.test(prefixes) || !inner.includes('\\')) return isBytes ? Buffer.from(inner) : inner;
  return isBytes ? bytesOf(inner) : unescaped(inner);
}

const ESCAPE = /\\(?:([xX])([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g;

/** The characters of a string; undefined when an escape names half a character or none. */
function unescaped(text: string): string | undefined {
  let isValid = true;
  const value = text.replaceAll(ESCAPE, (_all, _x, hex, short, long, octal, letter: string | undefined) => {
    if (letter !== undefined) return ESCAPES[letter] ?? '';
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8);
    isValid &&= code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff);
    return isValid ? String.fromCodePoint(code) : '';
  });
  return isValid ? value : undefined;
}

/** The bytes: escapes are bytes, everything else is UTF-8; undefined for an escape of a code point. */
function bytesOf(text: string): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [all, , hex, short, long, octal, letter] = match;
    if (short !== undefined || long !== undefined) return undefined;
    parts.push(Buffer.from(text.slice(last, match.index)));
    if (letter !== undefined) parts.push(Buffer.from(ESCAPES[letter] ?? ''));
    else parts.push(Uint8Array.of(octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8)));
    last = match.index + all.length;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(last))]);
}
