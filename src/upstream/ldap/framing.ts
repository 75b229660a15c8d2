// Cuts a byte stream into LDAP messages, and stops at the first length that is too large to be believed.

import { MalformedBer, readBerHeader } from './ber.ts';

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
