// The bytes of an HTTP body as text: JSON to the letter, because identities are made of it.

import { isJsonType as isJson } from '../../text/media-type.ts';
import { decodeUtf8 } from '../../text/utf8.ts';

const lenientUtf8 = new TextDecoder('utf-8');

type HeaderValue = string | readonly string[] | undefined;

/** JSON by its content type; of a repeated header any. */
export function isJsonType(contentType: HeaderValue): boolean {
  return [contentType ?? []].flat().some(isJson);
}

/**
 * UTF-8 (RFC 8259 §8.1), without a byte order mark; undefined for JSON that is not UTF-8, because with a replacement
 * character in it two names would become one. Any other type is for reading by people, and always gives a text.
 */
export function bodyText(bytes: Uint8Array, contentType: HeaderValue): string | undefined {
  if (!isJsonType(contentType)) return lenientUtf8.decode(bytes);
  return decodeUtf8(bytes)?.replace(/^\ufeff/, '');
}
