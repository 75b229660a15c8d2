// One connection of a fake directory, from the first byte to the last.

import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createFramer } from '../../src/upstream/ldap/ber.ts';
import type { TestCertificate } from './certificates.ts';
import {
  decodeRequest,
  encodeEntry,
  encodeResult,
  type FakeRequest,
  type FakeResult,
  type FakeSearch,
  pagedControl,
} from './fake-ldap-codec.ts';
import { type FakeEntry, findEntries, shownAttributes } from './fake-ldap-data.ts';

/** What a script answers instead of the directory: a result, and then perhaps a goodbye, bytes, nothing for ever, or a closed connection. */
export type FakeReply = (FakeResult & { readonly hangsUp?: boolean }) | { readonly raw: Buffer } | 'hang' | 'drop';

export interface FakeConnection {
  readonly encrypted: boolean;
  /** Of the last successful bind; empty for nobody. */
  readonly boundDn: string;
}
export type FakeScript = (
  request: FakeRequest,
  connection: FakeConnection,
) => FakeReply | undefined | Promise<FakeReply | undefined>;

export interface SessionWorld {
  readonly entries: readonly FakeEntry[];
  readonly script: () => FakeScript | undefined;
  readonly startTls: TestCertificate | undefined;
  /** Bytes that somebody on the way appends to the answer to StartTLS. */
  readonly injected: Buffer | undefined;
  readonly readers: readonly string[] | undefined;
  readonly ignoresSizeLimit: boolean;
  readonly limits: FakeLimits;
  readonly isStrict: boolean;
  readonly seen: (request: FakeRequest, connection: FakeConnection, code: number | undefined) => void;
}

/** As OpenLDAP's: `size`, `size.pr` and `size.prtotal=disabled`. */
export interface FakeLimits {
  /** Without pages no more entries are handed out. */
  readonly size?: number;
  /** Larger pages are refused; 0 refuses all. */
  readonly page?: number;
}

const START_TLS = '1.3.6.1.4.1.1466.20037';

export function serve(first: Socket, encryptedFromStart: boolean, world: SessionWorld): void {
  let socket = first;
  const connection = { encrypted: encryptedFromStart, boundDn: '' };
  const attach = (next: Socket): void => {
    socket = next;
    const framer = createFramer(1024 * 1024);
    next.on('error', () => next.destroy());
    next.on('data', (chunk: Buffer) => {
      const framed = framer.push(chunk);
      if (framed.kind !== 'frames') return void next.destroy();
      for (const frame of framed.frames)
        void onRequest(decodeRequest(frame, world.isStrict)).catch(() => next.destroy());
    });
  };
  const onRequest = async (request: FakeRequest): Promise<void> => {
    const before = { ...connection };
    const scripted = await world.script()?.(request, before);
    if (scripted !== undefined) {
      world.seen(request, before, typeof scripted === 'object' && 'code' in scripted ? scripted.code : undefined);
      return answerAs(request, scripted);
    }
    if (request.op === 'bind') {
      const code = bindCode(world.entries, request.dn, request.password, request.isSimple);
      connection.boundDn = code === 0 ? request.dn : '';
      world.seen(request, before, code);
      socket.write(encodeResult(request.id, 'bind', { code }));
    } else if (request.op === 'search') {
      world.seen(request, before, 0);
      socket.write(answerSearch(world, request, before));
    } else if (request.op === 'extended') {
      world.seen(request, before, undefined);
      upgrade(request.id, request.oid);
    } else socket.end();
  };
  const answerAs = (request: FakeRequest, reply: FakeReply): void => {
    if (reply === 'hang') return;
    if (reply === 'drop') return void socket.destroy();
    if ('raw' in reply) return void socket.write(reply.raw);
    if (request.op === 'bind' || request.op === 'search' || request.op === 'extended') {
      socket.write(encodeResult(request.id, request.op, reply));
      if (reply.hangsUp === true) socket.end();
    }
  };
  const upgrade = (id: number, oid: string): void => {
    if (oid !== START_TLS || world.startTls === undefined) {
      return void socket.write(encodeResult(id, 'extended', { code: 2, diagnostic: 'unsupported extended operation' }));
    }
    const plain = socket;
    plain.removeAllListeners('data');
    plain.write(Buffer.concat([encodeResult(id, 'extended', { code: 0 }), world.injected ?? Buffer.alloc(0)]));
    connection.encrypted = true;
    connection.boundDn = '';
    attach(new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(world.startTls) }));
  };
  attach(first);
}

/** Like many servers, it takes a bind without a password for an anonymous one, and succeeds. */
function bindCode(entries: readonly FakeEntry[], name: string, password: string, isSimple: boolean): number {
  if (!isSimple) return 7;
  if (password === '') return 0;
  const wanted = name.toLowerCase();
  const entry = entries.find(
    ({ dn, bindNames = [] }) =>
      dn.toLowerCase() === wanted || bindNames.some((other) => other.toLowerCase() === wanted),
  );
  return entry?.password === password ? 0 : 49;
}

function answerSearch(
  world: SessionWorld,
  request: FakeSearch & { readonly id: number },
  { boundDn }: FakeConnection,
): Buffer {
  const { id, sizeLimit, page, attributes } = request;
  const { limits } = world;
  const isReader =
    world.readers === undefined || world.readers.some((dn) => dn.toLowerCase() === boundDn.toLowerCase());
  const readable = isReader
    ? world.entries
    : world.entries.filter(({ dn }) => dn === '' || dn.toLowerCase() === boundDn.toLowerCase());
  const found = findEntries(readable, request);
  if (page !== undefined && page.size > (limits.page ?? page.size)) {
    return encodeResult(id, 'search', { code: 11, diagnostic: 'illegal pagedResults page size' });
  }
  const start = page?.offset ?? 0;
  const asked = sizeLimit === 0 || world.ignoresSizeLimit ? found.length : sizeLimit;
  const limit = page === undefined ? Math.min(asked, limits.size ?? asked) : asked;
  const end = Math.min(limit, page === undefined ? found.length : start + page.size);
  const shown = found.slice(start, end).map((entry) => encodeEntry(id, entry.dn, shownAttributes(entry, attributes)));
  const isLast = end >= Math.min(limit, found.length);
  const controls = page === undefined ? {} : { controls: pagedControl(isLast ? undefined : end) };
  const code = isLast && found.length > limit ? 4 : 0;
  return Buffer.concat([...shown, encodeResult(id, 'search', { code, ...controls })]);
}
