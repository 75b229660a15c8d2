// An HTTP(S) upstream on loopback that answers as a test says, counts what it sees, and breaks on demand.

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import type { Fault } from '../contract/provider-world.ts';
import type { TestCertificate } from './certificates.ts';
import { faultyAnswers } from './fake-http-faults.ts';
import { listenOn } from './listening.ts';

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

export type FakeHandler = (
  request: SeenRequest,
  response: ServerResponse,
) => FakeAnswer | 'handled' | Promise<FakeAnswer | 'handled'>;

export interface FakeHttpOptions {
  /** Serves HTTPS with this certificate; `ca` turns on client certificates. */
  readonly tls?: TestCertificate & Pick<ServerOptions, 'ca' | 'requestCert' | 'rejectUnauthorized'>;
  /** What it presents while it fails the TLS handshake. */
  readonly strangerTls?: TestCertificate;
  readonly handler: FakeHandler;
}

export interface FakeHttp {
  /** `https://localhost:port`, or http without `tls`. */
  readonly origin: string;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  breakWith(fault: Fault | undefined): Promise<void>;
  exchanges(): number;
  accepted(): number;
  connections(): number;
  /** Ends the kept connections, as a server does that restarts; resolves once the other side has noticed. */
  endConnections(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free loopback port. */
export async function startFakeHttp(options: FakeHttpOptions): Promise<FakeHttp> {
  const { tls, strangerTls, handler } = options;
  const seen: SeenRequest[] = [];
  let fault: Fault | undefined;
  const listener: RequestListener = (request, response) => {
    const faulty = fault === undefined ? undefined : faultyAnswers[fault];
    answer(request, response, seen, faulty ?? handler).catch(() => response.destroy());
  };
  const secure = tls === undefined ? undefined : createTlsServer(tls, listener);
  const listening = await listenOn(secure ?? createServer(listener));
  return {
    ...listening,
    origin: `${tls === undefined ? 'http' : 'https'}://localhost:${listening.port}`,
    seen,
    breakWith: async (next) => {
      fault = next;
      if (next === 'refuses connections') return listening.close();
      if (next === 'fails the TLS handshake') await listening.endConnections();
      if (tls !== undefined) secure?.setSecureContext((next === 'fails the TLS handshake' && strangerTls) || tls);
      return listening.reopen();
    },
    exchanges: () => seen.length,
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  seen: SeenRequest[],
  handler: FakeHandler,
): Promise<void> {
  const body = await textOf(request);
  const what = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
  seen.push(what);
  const given = await handler(what, response);
  if (given === 'handled') return;
  const headers = Object.entries(given.headers ?? {}).map(
    ([name, value]) => [name, typeof value === 'string' ? value : [...value]] as const,
  );
  for (const [name, value] of headers) response.setHeader(name, value);
  response.writeHead(given.status);
  response.end(given.body ?? '');
}

/** Demands Basic credentials of these users, compared byte by byte; answers everybody else with 401. */
export function basicAuth(passwords: ReadonlyMap<string, string>, welcome: (name: string) => FakeAnswer): FakeHandler {
  return ({ headers }) => {
    const [scheme, given = ''] = (headers.authorization ?? '').split(' ');
    const text = Buffer.from(given, 'base64').toString();
    const name = text.slice(0, text.indexOf(':'));
    const isRight = scheme === 'Basic' && passwords.get(name) === text.slice(name.length + 1);
    return isRight ? welcome(name) : { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
  };
}
