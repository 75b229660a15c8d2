// Every manner in which an upstream has ever misbehaved, to be switched while the program runs.

import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { issueLoopback, makeAuthority, type TestCertificate } from '../../../support/certificates.ts';
import { type FakeHandler } from '../../../support/fake-http.ts';
import { encodeEntry, encodeResult } from '../../../support/fake-ldap-codec.ts';
import { answerToAnother, lyingEntry, lyingHeader } from '../../../support/fake-ldap-faults.ts';
import type { FakeScript } from '../../../support/fake-ldap-session.ts';
import { type Listening, listenOn } from '../../../support/listening.ts';

const DRIP_MS = 1000;
const HUGE_BYTES = 100 * 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(10 * 1024 * 1024));

/** Answers of an HTTP upstream; `thief` is where its redirects point. */
export function httpManners(thief: string): Readonly<Record<string, FakeHandler>> {
  const redirect =
    (status: number): FakeHandler =>
    () => ({ status, headers: { location: `${thief}/stolen` } });
  return {
    'hangs after accepting': () => 'handled',
    'sends one byte a second': (_request, response) => drip(response),
    'never ends its body': (_request, response) => pour(response, Number.POSITIVE_INFINITY),
    'sends 100 MB': (_request, response) => pour(response, HUGE_BYTES),
    'sends a gzip bomb': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(BOMB);
      return 'handled';
    },
    'resets in the middle of its answer': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"active":tr', () => response.socket?.destroy());
      return 'handled';
    },
    'sends 100 KiB of headers': () => ({ status: 200, headers: { 'x-filler': 'x'.repeat(100_000) } }),
    'says 200 to everything, as a captive portal': () => ({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    }),
    ...Object.fromEntries([301, 302, 303, 307, 308].map((status) => [`redirects with ${status}`, redirect(status)])),
  };
}

function drip(response: ServerResponse): 'handled' {
  const text = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"active":true}';
  const { socket } = response;
  let sent = 0;
  const timer = setInterval(() => {
    if (socket === null || socket.destroyed || sent === text.length) clearInterval(timer);
    else socket.write(text.charAt(sent++));
  }, DRIP_MS);
  return 'handled';
}

function pour(response: ServerResponse, bytes: number): 'handled' {
  const length = Number.isFinite(bytes) ? { 'content-length': bytes } : {};
  response.writeHead(200, { 'content-type': 'application/json', ...length });
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  let left = bytes;
  const more = (): void => {
    if (response.destroyed) return;
    if (left <= 0) return void response.end();
    left -= chunk.length;
    response.write(chunk, more);
  };
  more();
  return 'handled';
}

const ENTRIES = 50_000;

/** Answers of a directory to a search; its binds are as they should be. */
export const ldapManners: Readonly<Record<string, FakeScript>> = {
  'hangs after accepting': () => 'hang',
  'drops the connection in the middle': (request) => (request.op === 'search' ? 'drop' : undefined),
  'sends lengths that lie about the message': (request) =>
    request.op === 'search' ? { raw: Buffer.concat([lyingHeader(0x7fffffff), Buffer.alloc(1000)]) } : undefined,
  'sends lengths that lie about an entry': (request) =>
    request.op === 'search' ? { raw: lyingEntry(request.id) } : undefined,
  'answers another message id': (request) => (request.op === 'search' ? { raw: answerToAnother(request) } : undefined),
  'answers with a referral': (request) => (request.op === 'search' ? { code: 10 } : undefined),
  'returns 50,000 entries': (request) =>
    request.op === 'search'
      ? { raw: Buffer.concat([...entries(request.id), encodeResult(request.id, 'search', { code: 0 })]) }
      : undefined,
};

function entries(id: number): readonly Buffer[] {
  return Array.from({ length: ENTRIES }, (_, index) =>
    encodeEntry(id, `uid=u${index},dc=example,dc=org`, [['uid', [`u${index}`]]]),
  );
}

/** What a TLS server may be, each of which a client has to refuse. */
export function tlsManners(authority: ReturnType<typeof makeAuthority>): Readonly<Record<string, TlsOptions>> {
  const stranger = issueLoopback(makeAuthority('stranger'));
  return {
    'has a certificate of another name': issueLoopback(authority, { names: ['elsewhere.example'] }),
    'has a certificate that has expired': issueLoopback(authority, { notAfter: new Date(Date.now() - 60_000) }),
    'has a certificate of a stranger': stranger,
    'speaks TLS 1.0 only': oldTls(issueLoopback(authority)),
  };
}

function oldTls(pair: TestCertificate): TlsOptions {
  return { ...pair, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
}

/** Says 200 to everything, and success to every bind, once somebody has accepted its TLS. */
export function startAnyTls(options: TlsOptions, protocol: 'http' | 'ldap'): Promise<Listening> {
  if (protocol === 'http')
    return listenOn(createHttpsServer(options, (_request, response) => response.end('{"active":true}')));
  return listenOn(
    createTlsServer(options, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write(encodeResult(1, 'bind', { code: 0 })));
    }),
  );
}
