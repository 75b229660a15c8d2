// Tokens that are one more step away from a credential: what was pasted along, or encoded otherwise than the rules say.

import { decodeUtf8 } from '../text/utf8.ts';
import type { RejectReason } from './reasons.ts';

const SCHEME = /^\s*(?:authorization\s*[:=]\s*)?(?:basic|bearer)\s/i;
const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['‘', '’'],
  ['«', '»'],
]);
const ANY_QUOTE = /^["'`“”„‘’«»]|["'`“”„‘’«»]$/;
const SURROUNDED = /^\s|\s$|[\t\r\n]/;

/**
 * What stands around a credential, or undefined. A password is byte-exact, so that in `name:password` quotes count only
 * around the whole, and white space never.
 */
export function pasteFault(token: string): RejectReason | undefined {
  if (SCHEME.test(token)) return 'scheme-in-token';
  const closing = QUOTES.get(token.charAt(0));
  if (token.length > 1 && closing !== undefined && token.endsWith(closing)) return 'quoted-token';
  if (token.includes(':')) return undefined;
  if (SURROUNDED.test(token)) return 'spaced-token';
  return ANY_QUOTE.test(token) ? 'quoted-token' : undefined;
}

/**
 * How `name:password` was encoded so that it would pass for an opaque token, or undefined. As an opaque token it would go to
 * an authorization server, with the password in it. `decoded` are the bytes of canonical base64.
 */
export function encodingFault(token: string, decoded: Uint8Array | undefined): RejectReason | undefined {
  if (/%(?:3a|2b|2f|3d)/i.test(token)) return 'percent-encoded-token';
  if (decoded === undefined) return undefined;
  if (isUtf16Login(decoded)) return 'encoded-wide';
  const text = decodeUtf8(decoded);
  if (text === undefined) return isLatin1Login(decoded) ? 'encoded-latin' : undefined;
  return isBase64Login(text) ? 'encoded-twice' : undefined;
}

/** PowerShell's `[Text.Encoding]::Unicode`. Half of its characters must be Latin: random bytes are not. */
function isUtf16Login(bytes: Uint8Array): boolean {
  if (bytes.length % 2 !== 0) return false;
  return ['utf-16le', 'utf-16be'].some((encoding) => {
    const text = new TextDecoder(encoding).decode(bytes);
    const latin = text.replaceAll(/[^\u0020-\u00ff]/g, '');
    return text.indexOf(':') > 0 && !/\p{Cc}|\ufffd/u.test(text) && latin.length * 2 >= text.length;
  });
}

/** A name in letters of ISO 8859-1, then a colon; no more than a quarter of the bytes beyond ASCII: random ones have half. */
function isLatin1Login(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const isWritten = /^[\w.@\\+ \u00c0-\u00ff-]+:[\u0020-\u007e\u0080\u00a0-\u00ff]+$/.test(text);
  return isWritten && bytes.filter((byte) => byte >= 0x80).length * 4 <= bytes.length;
}

function isBase64Login(text: string): boolean {
  const inner = /^[A-Za-z0-9+/_-]+={0,2}\s*$/.test(text) ? decodeUtf8(Buffer.from(text, 'base64')) : undefined;
  return inner !== undefined && inner.indexOf(':') > 0 && !/\p{Cc}/u.test(inner.trimEnd());
}
