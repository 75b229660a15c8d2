// Reads BER and believes no length in it: an element never reaches beyond the one that holds it (X.690 §8.1).

export interface BerElement {
  readonly tag: number;
  readonly content: Buffer;
}

interface BerHeader {
  readonly tag: number;
  readonly contentStart: number;
  readonly contentLength: number;
}

/** What of BER in LDAP is not allowed (RFC 4511 §5.1): indefinite lengths, lengths over four bytes, wrong nesting. */
export class MalformedBer extends Error {}

/** The header at `offset`; undefined while bytes of it are missing. Throws {@link MalformedBer}. */
export function readBerHeader(bytes: Buffer, offset: number): BerHeader | undefined {
  if (bytes.length < offset + 2) return undefined;
  const tag = bytes.readUInt8(offset);
  const first = bytes.readUInt8(offset + 1);
  if (first < 0x80) return { tag, contentStart: offset + 2, contentLength: first };
  const lengthBytes = first - 0x80;
  if (lengthBytes === 0 || lengthBytes > 4) throw new MalformedBer('length');
  if (bytes.length < offset + 2 + lengthBytes) return undefined;
  return { tag, contentStart: offset + 2 + lengthBytes, contentLength: bytes.readUIntBE(offset + 2, lengthBytes) };
}

/** All elements of a content, which they fill exactly. Throws {@link MalformedBer}. */
export function readBerElements(content: Buffer): readonly BerElement[] {
  const elements: BerElement[] = [];
  let offset = 0;
  while (offset < content.length) {
    const header = readBerHeader(content, offset);
    if (header === undefined) throw new MalformedBer('header');
    const end = header.contentStart + header.contentLength;
    if (end > content.length) throw new MalformedBer('length');
    elements.push({ tag: header.tag, content: content.subarray(header.contentStart, end) });
    offset = end;
  }
  return elements;
}

/** The content of an element that must be there and have this tag. Throws {@link MalformedBer}. */
export function berContent(element: BerElement | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new MalformedBer('tag');
  return element.content;
}

/** A two's complement integer of at most four bytes. Throws {@link MalformedBer}. */
export function berInteger(content: Buffer): number {
  if (content.length === 0 || content.length > 4) throw new MalformedBer('integer');
  return content.readIntBE(0, content.length);
}
