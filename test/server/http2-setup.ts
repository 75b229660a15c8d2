// Listeners that speak HTTP/2, and clients that keep count of what they are told.

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { TestContext } from 'node:test';
import type { ServerTls } from '../../src/core/listening.ts';
import { overHttp1, overHttp2, type Serve } from '../../src/http/incoming.ts';
import { LIMITS } from '../../src/server/listener.ts';
import { settled } from '../support/fake-clock.ts';
import { ask } from '../support/http2-client.ts';
import { rawHttp2 } from '../support/raw-http2.ts';
import { inOrder, until } from '../support/settled.ts';
import { authority, serverTls, startListener } from './setup.ts';

export const TRUST = { ca: authority.cert, servername: 'localhost' };
export const secured = (change: Partial<ServerTls> = {}): ServerTls => serverTls({ http2: true, ...change });

/** Answers once the body is there, and at `/slow` when it is told to. */
function answering() {
  const slow = Promise.withResolvers<void>();
  const asked: string[] = [];
  const serve: Serve = (incoming) => {
    asked.push(incoming.url);
    incoming.readBody(100, (body) => {
      const answer = (): void => incoming.answer(200, { 'Content-Type': 'text/plain' }, body.kind);
      if (incoming.url === '/slow') void slow.promise.then(answer);
      else answer();
    });
  };
  return { serve, asked, go: slow.resolve };
}

/** Connections are looked at once a second; each second passes when the test says so. */
export async function startHttp2(t: TestContext, tls = secured()) {
  const { serve, asked, go } = answering();
  const looks: (() => void)[] = [];
  const handlers = { http1: overHttp1(serve), http2: overHttp2(serve) };
  const listener = await startListener(t, tls, handlers, LIMITS, (_intervalMs, look) => {
    looks.push(look);
    return () => undefined;
  });
  const { port } = listener.address;
  return {
    listener,
    asked,
    go,
    port,
    seconds: (count: number) =>
      inOrder(Array.from({ length: count }), async () => {
        for (const look of looks) look();
        // A PING and its answer.
        await inOrder([1, 2, 3], settled);
      }),
    dial: (more = {}) => dial(t, port, more),
    raw: () => rawHttp2(port, TRUST),
  };
}

export interface Client {
  readonly session: ClientHttp2Session;
  get(path?: string): ReturnType<typeof ask>;
  /** The head of a POST and this much of its body. */
  begin(body: string): ClientHttp2Stream;
  /** The last stream that each GOAWAY would still take. */
  readonly goaways: readonly number[];
}

async function dial(t: TestContext, port: number, more: object): Promise<Client> {
  const goaways: number[] = [];
  const session = connect(`https://localhost:${port}`, { ...TRUST, ...more });
  session.on('error', () => undefined).on('goaway', (_code, last) => goaways.push(last));
  t.after(() => session.destroy());
  await until('it is connected', () => !session.connecting || session.destroyed);
  await settled();
  return {
    session,
    goaways,
    get: (path = '/') => ask(session, path, { method: 'GET' }),
    begin: (body) => {
      const stream = session.request({ ':method': 'POST', ':path': '/', 'content-length': 100 });
      stream.on('error', () => undefined).write(body);
      return stream;
    },
  };
}

export const closed = ({ session }: Client): Promise<void> =>
  until('the connection is closed', () => session.destroyed);
export const statusOf = (stream: ClientHttp2Stream): Promise<number> =>
  new Promise((resolve) => void stream.once('response', (fields) => resolve(Number(fields[':status']))));
