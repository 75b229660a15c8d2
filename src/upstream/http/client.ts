// The only HTTP client of the providers: one per provider, and nothing that would carry a credential any further.

import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import { bodyText } from './body.ts';
import { outageOf } from './errors.ts';
import type { UpstreamTls } from './tls.ts';
import { tlsWithContext } from './tls.ts';

export const CONNECT_TIMEOUT_MS = 1000;
const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/**
 * How long an idle connection is kept when the server does not say, and at most. Shorter than what servers do (5 s in Node
 * and Apache): a password that meets a connection which the server is closing is not sent again.
 */
const IDLE_MS = { usual: 4000, most: 60_000 } as const;
/** A second line behind the caller's signal, so that a forgotten deadline is no leak. */
const SILENCE_TIMEOUT_MS = 10_000;
/** How long an answer that is judged by its status alone may keep its connection. */
const DISCARD_TIMEOUT_MS = 100;

export interface HttpClientOptions {
  readonly tls?: UpstreamTls;
  /** Default 64 KiB; more is `oversize-answer`. */
  readonly maxBodyBytes?: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For which statuses the body is read; default all. The body of another is dropped and never fails the exchange. */
  readonly wantsBody?: (status: number) => boolean;
  /**
   * May be sent once more, on a new connection, when a kept one breaks or is silent for so long. Never for a password: the
   * upstream may have evaluated it.
   */
  readonly repeatAfterMs?: number;
  /** What is sent once more in their place, where the same may not come twice. Never rejects. */
  readonly anew?: () => Promise<Required<Pick<HttpRequest, 'headers' | 'body'>>>;
}

/** A complete answer with any status; a redirect is an answer like any other. */
export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decoded as UTF-8; empty when it was not wanted. JSON that is not UTF-8 is no answer, but `malformed-answer`. */
  readonly body: string;
}

export interface HttpClient {
  /**
   * Sends one request and gives the whole answer, or why there is none. Never throws. The signal is the absolute deadline of
   * connecting, waiting for a connection, headers and body together. Without `repeatAfterMs` it is sent at most once.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | Unavailable>;
  /** Destroys every connection; what is in flight or comes later is `stopping`. */
  close(): Promise<void>;
}

/**
 * HTTP/1.1 only (HTTP/2 would put all reviews on one connection), no redirects, no proxy variables, no content encodings, TLS
 * 1.2 or later with the provider's own authorities.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const connections = keptConnections(options);
  return {
    send: async (request, signal) => {
      const { agent, isReused } = connections.forRequest(request.url);
      if (!isReused) return exchange(agent, request, signal);
      const answer = await exchange(agent, request, patienceOf(request, signal));
      if (!isLostConnection(answer)) return answer;
      connections.condemn(agent);
      const isRepeatable = request.repeatAfterMs !== undefined && !signal.aborted;
      if (!isRepeatable) return answer;
      const again = { ...request, ...(await request.anew?.()) };
      return exchange(connections.forRequest(request.url).agent, again, signal);
    },
    close: () => connections.close(),
  };
}

function patienceOf({ repeatAfterMs }: HttpRequest, signal: AbortSignal): AbortSignal {
  return repeatAfterMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(repeatAfterMs)]);
}

function isLostConnection(answer: HttpAnswer | Unavailable): boolean {
  return answer.kind !== 'answer' && (answer.reason === 'timeout' || answer.reason === 'connection-failed');
}

interface KeptConnections {
  /** `isReused`: a kept connection will carry the request, if it is still good for anything. */
  forRequest(url: URL): { readonly agent: Agent; readonly isReused: boolean };
  /** Closes the idle connections of this agent, and those in use once they have answered. */
  condemn(agent: Agent): void;
  close(): Promise<void>;
}

/**
 * A firewall that forgot one idle connection has forgotten all: what is sent on them is swallowed, and each would cost a login.
 * So the first request that is lost on a kept connection ends the others too.
 */
function keptConnections(options: HttpClientOptions): KeptConnections {
  const connect = connector(options.tls);
  const newAgent = (): Agent =>
    new Agent({
      allowH2: false,
      pipelining: 1,
      maxResponseSize: options.maxBodyBytes ?? MAX_BODY_BYTES,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: IDLE_MS.usual,
      keepAliveMaxTimeout: IDLE_MS.most,
      headersTimeout: SILENCE_TIMEOUT_MS,
      bodyTimeout: SILENCE_TIMEOUT_MS,
      connect,
    });
  let current = newAgent();
  let isClosed = false;
  const condemned = new Set<Agent>();
  return {
    forRequest: ({ origin }) => {
      const stats = current.stats[origin];
      return { agent: current, isReused: stats !== undefined && 'free' in stats && stats.free > 0 };
    },
    condemn: (agent) => {
      if (agent !== current || isClosed) return;
      current = newAgent();
      condemned.add(agent);
      void agent
        .close()
        .catch(() => undefined)
        .finally(() => condemned.delete(agent));
    },
    close: async () => {
      isClosed = true;
      await Promise.all([current, ...condemned].map((agent) => agent.destroy()));
    },
  };
}

/** undici derives the server name from the Host header and prefers it; a configured one must win. */
function connector(tls: UpstreamTls | undefined): buildConnector.connector {
  const { serverName } = tls ?? {};
  let connect: buildConnector.connector | undefined;
  return (target, done) => {
    // Made when it is needed: an upstream without TLS needs no authorities.
    const isTls = target.protocol === 'https:';
    connect ??= buildConnector({ ...(isTls && tlsWithContext(tls)), allowH2: false, timeout: CONNECT_TIMEOUT_MS });
    connect(serverName === undefined ? target : { ...target, servername: serverName }, done);
  };
}

async function exchange(agent: Agent, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer | Unavailable> {
  const { url, method } = request;
  try {
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: { 'user-agent': 'kube-auth-broker', 'accept-encoding': 'identity', ...request.headers },
      body: request.body ?? null,
      signal,
    });
    return await finish(answer, request.wantsBody?.(answer.statusCode) ?? true);
  } catch (error) {
    return outageOf(error, url.origin);
  }
}

async function finish(answer: Dispatcher.ResponseData, wantsBody: boolean): Promise<HttpAnswer | Unavailable> {
  const { statusCode: status, headers, body } = answer;
  if (!wantsBody) {
    await discard(body);
    return { kind: 'answer', status, headers, body: '' };
  }
  if (isEncoded(headers['content-encoding'])) {
    await discard(body);
    return unavailable('malformed-answer', 'the answer has a Content-Encoding, although identity was asked for');
  }
  const text = bodyText(await body.bytes(), headers['content-type']);
  if (text === undefined) return unavailable('malformed-answer', `HTTP ${status} with JSON that is not UTF-8`);
  return { kind: 'answer', status, headers, body: text };
}

/** Reads a short rest so that the connection can be kept; destroys the connection of a long or slow one. */
async function discard(body: Dispatcher.ResponseData['body']): Promise<void> {
  try {
    await body.dump({ limit: MAX_BODY_BYTES, signal: AbortSignal.timeout(DISCARD_TIMEOUT_MS) });
  } catch {
    // The status was all that was asked for.
  }
}

function isEncoded(encoding: string | string[] | undefined): boolean {
  return encoding !== undefined && String(encoding).trim().toLowerCase() !== 'identity';
}
