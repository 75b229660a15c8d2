// The bytes of an HTTP body as text: JSON to the letter, because identities are made of it.

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const lenientUtf8 = new TextDecoder('utf-8');

type HeaderValue = string | readonly string[] | undefined;

/** `application/json` and `application/…+json`, whatever the parameters; of a repeated header any. */
export function isJsonType(contentType: HeaderValue): boolean {
  return [contentType ?? []].flat().some((value) => {
    const type = value.split(';', 1)[0]?.trim().toLowerCase() ?? '';
    return type === 'application/json' || (type.startsWith('application/') && type.endsWith('+json'));
  });
}

/**
 * UTF-8 (RFC 8259 §8.1), without a byte order mark; undefined for JSON that is not UTF-8, because with a replacement
 * character in it two names would become one. Any other type is for reading by people, and always gives a text.
 */
export function bodyText(bytes: Uint8Array, contentType: HeaderValue): string | undefined {
  if (!isJsonType(contentType)) return lenientUtf8.decode(bytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
