// Listeners with test certificates, and a client that says what its handshake led to.

import type { RequestListener } from 'node:http';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { ServerTls } from '../../src/core/listening.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Every } from '../../src/server/connections.ts';
import { type Handlers, LIMITS, type Listener, listen } from '../../src/server/listener.ts';
import { issueLoopback, makeAuthority, type TestAuthority, type TestCertificate } from '../support/certificates.ts';
import { type RawAnswer, rawConnection } from '../support/raw-http.ts';

export const authority: TestAuthority = makeAuthority('server authority');
export const clientAuthority: TestAuthority = makeAuthority('client authority');

export function serverTls(
  change: Partial<ServerTls> = {},
  pair: TestCertificate = issueLoopback(authority),
): ServerTls {
  return { cert: pair.cert, key: new Secret(pair.key), minVersion: 'TLSv1.2', ...change };
}

export const LOOPBACK = { host: '127.0.0.1', port: 0 };

export const answerOk: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Length': 2 });
  response.end('ok');
};

/** Closes with the test. */
export async function startListener(
  t: Pick<TestContext, 'after'>,
  tls?: ServerTls,
  handler: RequestListener | Handlers = answerOk,
  limits = LIMITS,
  every?: Every,
): Promise<Listener> {
  const handlers = typeof handler === 'function' ? { http1: handler } : handler;
  const listener = await listen(LOOPBACK, tls, handlers, limits, every);
  t.after(async () => {
    await listener.stopAccepting();
    listener.closeAll();
  });
  return listener;
}

export interface Handshake {
  readonly answer: RawAnswer;
  readonly protocol: string | null;
  readonly alpn: string | false | null;
  readonly serverName: string;
}

type ClientTls = Parameters<typeof rawConnection>[1];

export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** One handshake and one request; rejects when either fails. */
export async function visit(port: number, tls: ClientTls = {}): Promise<Handshake> {
  const connection = await rawConnection(port, { ca: authority.cert, servername: 'localhost', ...tls });
  try {
    connection.write(GET);
    const [answer] = await connection.answers(1);
    if (answer === undefined) throw new Error('the connection was closed without an answer');
    const { socket } = connection;
    if (!(socket instanceof TLSSocket)) throw new TypeError('a connection without TLS');
    return {
      answer,
      protocol: socket.getProtocol(),
      alpn: socket.alpnProtocol,
      serverName: String(socket.getPeerCertificate().subject.CN),
    };
  } finally {
    connection.socket.destroy();
  }
}
