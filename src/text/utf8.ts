// The one strict UTF-8 decoder: malformed bytes are no text, and a byte-order mark is a character like any other.

// A decoder that swallowed the mark would make two names of one: U+FEFF and `alice` would become `alice`.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of these bytes; undefined when they are not UTF-8 (RFC 3629). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A header value as it was sent: HTTP parsers read bytes as Latin-1, programs write UTF-8. Undefined when it is not UTF-8. */
export function decodeHeaderValue(value: string): string | undefined {
  return decodeUtf8(Buffer.from(value, 'latin1'));
}
