// How a directory breaks; where it can, it repeats what it was sent, as an error message may.

import type { Fault } from '../contract/provider-world.ts';
import { encodeResult, type FakeRequest, tlv } from './fake-ldap-codec.ts';
import type { FakeScript } from './fake-ldap-session.ts';

/** The faults that happen after a request arrived; the others are made with the listener. */
export const faultyScripts: Partial<Record<Fault, FakeScript>> = {
  hangs: () => 'hang',
  'resets in the middle of an answer': () => 'drop',
  'answers too much': (request) => ({ raw: Buffer.concat([lyingHeader(0x7fffffff), Buffer.from(echoOf(request))]) }),
  'answers nonsense': (request) => ({ raw: Buffer.from(`HTTP/1.1 400 Bad Request\r\n\r\n${echoOf(request)}`) }),
  'answers with an error of its own': (request) => ({ code: 80, diagnostic: `internal error at ${echoOf(request)}` }),
};

/** The start of a message that claims this many bytes. */
export function lyingHeader(length: number): Buffer {
  const header = Buffer.from([0x30, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 2);
  return header;
}

/** A search entry whose inner list is longer than the message that holds it. */
export function lyingEntry(id: number): Buffer {
  const inner = Buffer.concat([tlv(0x04, 'uid=x'), Buffer.from([0x30, 0x82, 0x7f, 0xff, 0x30, 0x03])]);
  return tlv(0x30, tlv(0x02, Buffer.from([id])), tlv(0x64, inner));
}

/** A success that answers another request than the one that was sent. */
export function answerToAnother(request: FakeRequest): Buffer {
  return encodeResult(request.id + 1, request.op === 'bind' ? 'bind' : 'search', { code: 0 });
}

function echoOf(request: FakeRequest): string {
  return JSON.stringify(request);
}
