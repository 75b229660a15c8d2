// Reads a file as text, strictly: what is no UTF-8 is told instead of being read as other characters.

import { readFileSync, statSync } from 'node:fs';
import { decodeUtf8 } from '../text/utf8.ts';

/** Beyond every file that people write; a larger one would be read into memory many times over. */
const MAX_BYTES = 16 * 1024 ** 2;

/** Throws an error whose code `whyUnreadable` has words for: a file-system error, or what keeps the bytes from being text. */
export function readTextFile(path: string): string {
  if (statSync(path).size > MAX_BYTES) throw unreadable('EFBIG');
  const bytes = readFileSync(path);
  if (isUtf16(bytes)) throw unreadable('UTF-16');
  const text = decodeUtf8(bytes);
  if (text === undefined) throw unreadable('NOT-UTF-8');
  return text;
}

/** By its mark, or by its first letter: a text begins with no NUL. */
function isUtf16([first, second]: Uint8Array): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return second !== undefined && (first === 0) !== (second === 0);
}

function unreadable(code: string): Error {
  return Object.assign(new Error(code), { code });
}
