// Reads and writes BER (X.690 §8.1). No length that was read is believed: an element never reaches beyond the one that holds it.

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

/** One element: tag, length in as few bytes as it takes, content. */
export function ber(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  const length = content.reduce((total, { byteLength }) => total + byteLength, 0);
  return Buffer.concat([berHeader(tag, length), ...content]);
}

function berHeader(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  const bytes = length < 0x1_00 ? 1 : length < 0x1_00_00 ? 2 : length < 0x1_00_00_00 ? 3 : 4;
  const header = Buffer.from([tag, 0x80 + bytes, 0, 0, 0, 0]).subarray(0, 2 + bytes);
  header.writeUIntBE(length, 2, bytes);
  return header;
}

/** An integer from 0 to 2^31-1, in as few bytes as it takes. */
export function berNumber(value: number, tag = 0x02): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  const start = bytes.findIndex((byte, index) => byte !== 0 || index === 3);
  // A first bit of 1 would make it negative.
  return ber(tag, bytes.subarray((bytes[start] ?? 0) >= 0x80 ? start - 1 : start));
}

const LDAP_MESSAGE = 0x30;

export type Framed =
  | { readonly kind: 'frames'; readonly frames: readonly Buffer[] }
  | { readonly kind: 'oversize' }
  | { readonly kind: 'malformed' };

export interface Framer {
  /** Complete messages, header included. After `oversize` or `malformed` the stream cannot be read any further. */
  push(chunk: Buffer): Framed;
  /** How many bytes of an incomplete message are kept. */
  pendingBytes(): number;
}

/** Keeps at most one incomplete message, and looks at it again only when all of it has arrived. */
export function createFramer(maxMessageBytes: number): Framer {
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 0;

  const push = (chunk: Buffer): Framed => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return { kind: 'frames', frames: [] };
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const frames: Buffer[] = [];
    let offset = 0;
    for (;;) {
      const length = messageLength(bytes, offset);
      if (length === 'malformed') return { kind: 'malformed' };
      if (length !== undefined && length > maxMessageBytes) return { kind: 'oversize' };
      needed = length ?? bytes.length - offset + 1;
      if (bytes.length - offset < needed) break;
      frames.push(bytes.subarray(offset, offset + needed));
      offset += needed;
    }
    chunks = offset === bytes.length ? [] : [bytes.subarray(offset)];
    size = bytes.length - offset;
    return { kind: 'frames', frames };
  };
  return { push, pendingBytes: () => size };
}

function messageLength(bytes: Buffer, offset: number): number | 'malformed' | undefined {
  if (offset < bytes.length && bytes[offset] !== LDAP_MESSAGE) return 'malformed';
  try {
    const header = readBerHeader(bytes, offset);
    return header === undefined ? undefined : header.contentStart - offset + header.contentLength;
  } catch (error) {
    if (error instanceof MalformedBer) return 'malformed';
    throw error;
  }
}
