// An API server as a client: connections kept as Go's net/http keeps them, and a POST never sent a second time.

import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { type ReviewRequest, tokenReview } from '../../../support/apiserver-client.ts';
import type { TestCertificate } from '../../../support/certificates.ts';

/** What one review came to; `failed` is a request without a readable TokenReview as its answer. */
export interface Reviewed {
  readonly outcome: 'authenticated' | 'rejected' | 'unavailable' | 'failed';
  readonly username?: string;
  /** Names the log line. */
  readonly id?: string;
  /** Why it failed: an error code or an HTTP status. */
  readonly failure?: string;
  readonly tookMs: number;
  readonly startedMs: number;
  readonly body: string;
}

export interface GoClient {
  review(token: string, request?: ReviewRequest): Promise<Reviewed>;
  close(): void;
}

export interface GoClientOptions {
  /** Asked for every new connection, as a Service picks an endpoint. */
  readonly port: () => number;
  /** Absent: plain HTTP. */
  readonly tls?: { readonly ca: string } & Partial<TestCertificate>;
}

/** client-go keeps 25 idle connections per host (k8s.io/client-go transport/cache.go) and takes the youngest first. */
const KEPT = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 25 } as const;

/** No answer may take half as long; what has none by then has failed. */
const GIVES_UP_MS = 10_000;

export function goClient({ port, tls }: GoClientOptions): GoClient {
  const secure = tls !== undefined;
  const agent = secure ? new HttpsAgent(KEPT) : new HttpAgent(KEPT);
  agent.createConnection = () =>
    secure
      ? connectTls({ ...tls, host: '127.0.0.1', port: port(), servername: 'localhost', ALPNProtocols: ['http/1.1'] })
      : connect(port(), '127.0.0.1');
  const send = secure ? httpsRequest : httpRequest;
  const origin = `${secure ? 'https' : 'http'}://broker.test`;
  return {
    review: (token, wanted = {}) => {
      const body = tokenReview(token, wanted);
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
      const url = `${origin}${wanted.path ?? '/authenticate'}?timeout=30s`;
      return exchange(send(url, { agent, method: 'POST', headers }), body);
    },
    close: () => agent.destroy(),
  };
}

function exchange(sending: ClientRequest, body: string): Promise<Reviewed> {
  const startedMs = performance.now();
  const failed = (failure: string): Reviewed => {
    return { outcome: 'failed', failure, tookMs: performance.now() - startedMs, startedMs, body: '' };
  };
  return new Promise((resolve) => {
    sending.setTimeout(GIVES_UP_MS, () => sending.destroy(new Error('no answer')));
    sending.once('error', (error: NodeJS.ErrnoException) => resolve(failed(error.code ?? error.message)));
    sending.once('response', (response) => {
      const { statusCode, headers } = response;
      text(response).then(
        (answer) => {
          const tookMs = performance.now() - startedMs;
          if (statusCode !== 200) return resolve({ ...failed(`HTTP ${statusCode}`), body: answer });
          return resolve({ ...read(answer), id: String(headers['x-request-id']), tookMs, startedMs, body: answer });
        },
        (error: unknown) => resolve(failed(`the answer broke off: ${String(error)}`)),
      );
    });
    sending.end(body);
  });
}

interface TokenReview {
  readonly kind?: string;
  readonly status?: {
    readonly authenticated?: boolean;
    readonly error?: string;
    readonly user?: { readonly username?: string };
  };
}

function read(answer: string): Pick<Reviewed, 'outcome' | 'username' | 'failure'> {
  const { kind, status }: TokenReview = JSON.parse(answer);
  if (kind !== 'TokenReview' || status === undefined) return { outcome: 'failed', failure: 'no TokenReview' };
  const { authenticated, error, user } = status;
  if (authenticated === true) return { outcome: 'authenticated', username: user?.username ?? '' };
  return { outcome: error === undefined ? 'rejected' : 'unavailable' };
}
