// Speaks HTTP/2 frame by frame (RFC 9113 §4.1), for what no client would send.

import type { ConnectionOptions } from 'node:tls';
import { type RawConnection, rawConnection } from './raw-http.ts';

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const HEAD_BYTES = 9;

export function frame(type: number, flags = 0, stream = 0, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** What a connection begins with: the preface, and these settings (RFC 9113 §6.5.2). */
export function preface(settings: Readonly<Record<number, number>> = {}): Buffer {
  const payload = Object.entries(settings).map(([id, value]) => {
    const one = Buffer.alloc(6);
    one.writeUInt16BE(Number(id), 0);
    one.writeUInt32BE(value, 2);
    return one;
  });
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame(FRAME.settings, 0, 0, Buffer.concat(payload)),
  ]);
}

const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')]);

/** Fields without any index or compression (RFC 7541 §6.2.2); each name and value has fewer than 127 bytes. */
export function fieldBlock(fields: Readonly<Record<string, string | undefined>>): Buffer {
  const lines = Object.entries(fields).map(([name, value]) =>
    value === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0]), text(name), text(value)]),
  );
  return Buffer.concat(lines);
}

const GET = { ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': 'a' };

/** The head of a request, and that it has no body unless told; a field that is undefined is left out. */
export function headers(
  stream: number,
  fields: Readonly<Record<string, string | undefined>> = GET,
  flags: number = FLAG.endHeaders | FLAG.endStream,
): Buffer {
  return frame(FRAME.headers, flags, stream, fieldBlock({ ...GET, ...fields }));
}

export interface RawHttp2 extends RawConnection {
  frames(): readonly Frame[];
}

/** A connection on which HTTP/2 was agreed, and nothing was sent. */
export async function rawHttp2(port: number, tls: ConnectionOptions): Promise<RawHttp2> {
  const connection = await rawConnection(port, { ...tls, ALPNProtocols: ['h2'] });
  return { ...connection, frames: () => framesIn(Buffer.from(connection.received(), 'latin1')) };
}

function framesIn(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + HEAD_BYTES, end);
    frames.push({
      type: bytes.readUInt8(at + 3),
      flags: bytes.readUInt8(at + 4),
      stream: bytes.readUInt32BE(at + 5),
      payload,
    });
    at = end;
  }
  return frames;
}
