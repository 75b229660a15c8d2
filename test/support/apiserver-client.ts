// Posts TokenReviews exactly as kube-apiserver's webhook client does (k8s.io/apiserver plugin/pkg/authenticator/token/webhook).

import assert from 'node:assert/strict';
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { Identity } from '../../src/core/identity.ts';
import { type HttpVersion, http2Client } from './http2-client.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** `status` of an answered TokenReview. */
export interface Status {
  readonly authenticated: boolean;
  readonly user?: Identity;
  readonly audiences?: readonly string[];
  readonly error?: string;
}

export interface ReviewRequest {
  readonly version?: 'v1' | 'v1beta1';
  readonly audiences?: readonly string[];
  /** Default `/authenticate`. */
  readonly path?: string;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

/** One API server: one TLS identity, kept connections. */
export interface ApiServer {
  /** The `status` of the answer, which must be a TokenReview of the version asked for. */
  review(token: string, request?: ReviewRequest): Promise<Status>;
  /** The whole answer to a TokenReview. */
  post(token: string, request?: ReviewRequest): Promise<Answer>;
  /** Any request; the headers of a TokenReview unless told. */
  send(path: string, request?: HttpRequest): Promise<Answer>;
  /** How many connections it was told to leave, which HTTP/2 alone can say. */
  goneAway(): number;
  close(): void;
}

export interface ClientTls {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly minVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
}

const HEADERS: OutgoingHttpHeaders = {
  'User-Agent': 'Go-http-client/1.1',
  Accept: 'application/json, */*',
  'Content-Type': 'application/json',
  'Accept-Encoding': 'gzip',
};

/** `origin` is `https://host:port`, or http, where `tls` is not used. */
export function apiServer(origin: string, tls?: ClientTls, over: HttpVersion = 'HTTP/1.1'): ApiServer {
  const { send, close, goneAway } = over === 'HTTP/2' ? overHttp2(origin, tls) : overHttp1(origin, tls);
  const post: ApiServer['post'] = (token, request = {}) =>
    send(`${request.path ?? '/authenticate'}?timeout=30s`, { body: tokenReview(token, request) });
  return {
    send,
    post,
    review: async (token, request = {}) => statusOf(await post(token, request), request.version),
    goneAway,
    close,
  };
}

type Transport = Pick<ApiServer, 'send' | 'close' | 'goneAway'>;

function overHttp1(origin: string, tls?: ClientTls): Transport {
  const agent = origin.startsWith('https:') ? new https.Agent({ keepAlive: true, ...tls }) : keptAgent();
  return {
    send: (path, request = {}) => exchange(agent, origin + path, request),
    close: () => agent.destroy(),
    goneAway: () => 0,
  };
}

function overHttp2(origin: string, tls: ClientTls = { ca: '' }): Transport {
  const client = http2Client(origin, tls);
  return {
    send: (path, { method = 'POST', headers, body } = {}) =>
      client.send(path, { method, headers: headers ?? { ...HEADERS, ...lengthOf(body) }, body }),
    close: () => client.close(),
    goneAway: () => client.goneAway,
  };
}

/** The body: fields in Go's order, `status.user` always there, Go's escapes, a newline at the end. */
export function tokenReview(token: string, { version = 'v1', audiences }: ReviewRequest = {}): string {
  const review = {
    kind: 'TokenReview',
    apiVersion: `authentication.k8s.io/${version}`,
    metadata: { creationTimestamp: null },
    spec: { token, audiences },
    status: { user: {} },
  };
  return `${JSON.stringify(review).replaceAll(/[<>&\u2028\u2029]/g, goEscape)}\n`;
}

/** Demands a TokenReview of this version and nothing beside its status. */
export function statusOf(answer: Answer, version: ReviewRequest['version'] = 'v1'): Status {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['content-type'], 'application/json');
  const { status, ...rest }: { readonly status: Status } = JSON.parse(answer.text);
  assert.deepEqual(rest, { apiVersion: `authentication.k8s.io/${version}`, kind: 'TokenReview' });
  return status;
}

function exchange(agent: http.Agent, url: string, { method = 'POST', headers, body }: HttpRequest): Promise<Answer> {
  const length = lengthOf(body);
  return new Promise((resolve, reject) => {
    const client = url.startsWith('https:') ? https : http;
    const request = client.request(url, { agent, method, headers: headers ?? { ...HEADERS, ...length } });
    request.once('error', reject);
    request.once('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      text(response).then((read) => resolve({ status: statusCode, headers: answered, text: read }), reject);
    });
    request.end(body);
  });
}

function lengthOf(body: HttpRequest['body']): OutgoingHttpHeaders {
  return body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
}

function keptAgent(): http.Agent {
  return new http.Agent({ keepAlive: true });
}

function goEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
