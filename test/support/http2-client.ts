// Asks over HTTP/2 as client-go does: one connection for all requests, and another one once the server said GOAWAY.

import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';

/** The versions of HTTP that the webhook listener speaks. */
export const HTTP_VERSIONS = ['HTTP/1.1', 'HTTP/2'] as const;
export type HttpVersion = (typeof HTTP_VERSIONS)[number];

export interface Http2Request {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array | undefined;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Http2Client {
  send(path: string, request: Http2Request): Promise<Http2Answer>;
  /** How many connections the server asked to leave. */
  readonly goneAway: number;
  close(): void;
}

/** HTTP/2 has no such fields (RFC 9113 §8.2.2). */
const OF_CONNECTIONS = /^(?:connection|transfer-encoding|keep-alive|host)$/i;

export function http2Client(origin: string, tls: ConnectionOptions): Http2Client {
  let current: ClientHttp2Session | undefined;
  let goneAway = 0;
  const dial = async (): Promise<ClientHttp2Session> => {
    const session = connect(origin, tls);
    session.once('goaway', () => {
      goneAway += 1;
      if (current === session) current = undefined;
    });
    session.once('close', () => {
      if (current === session) current = undefined;
    });
    current = session;
    await once(session, 'connect');
    return session;
  };
  return {
    send: async (path, request) => ask(current ?? (await dial()), path, request),
    get goneAway() {
      return goneAway;
    },
    close: () => current?.destroy(),
  };
}

/** Rejects with what ended the connection, where that came before an answer. */
export async function ask(
  session: ClientHttp2Session,
  path: string,
  { method = 'POST', headers = {}, body }: Http2Request,
): Promise<Http2Answer> {
  const fields = Object.entries(headers).filter(([name]) => !OF_CONNECTIONS.test(name));
  const target = { ':method': method, ':path': path };
  const stream = session.request({ ...target, ...Object.fromEntries(fields) }, { endStream: body === undefined });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
  stream.once('response', resolve).once('error', reject);
  // As node:http says it, unless there is more to say, which comes after the end of its streams.
  const hungUp = (): void =>
    reject(Object.assign(new Error(`closed with ${stream.rstCode} before an answer`), { code: 'ECONNRESET' }));
  stream.once('close', () => setImmediate(hungUp));
  session.once('error', reject);
  if (body !== undefined) stream.end(body);
  try {
    const answered = await promise;
    return { status: Number(answered[':status']), headers: answered, text: await text(stream) };
  } finally {
    session.off('error', reject);
  }
}
