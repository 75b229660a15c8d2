// The real Express application on a loopback listener, around an authenticator that a test decides.

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { cached } from '../../src/authn/cached.ts';
import { verdictStore } from '../../src/authn/verdict-store.ts';
import type { Endpoint, Review } from '../../src/core/authenticator.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import type { Decision } from '../../src/core/identity.ts';
import { systemClock } from '../../src/core/seams.ts';
import { rejected, type Verdict } from '../../src/core/verdict.ts';
import { type Client } from '../../src/http/client.ts';
import { overHttp1, overHttp2 } from '../../src/http/incoming.ts';
import { listen } from '../../src/server/listener.ts';
import type { Reviewer } from '../../src/webhook/reviewer.ts';
import { type ReviewObserver, type WebhookSettings, webhookApp } from '../../src/webhook/router.ts';
import { authority, LOOPBACK, serverTls } from '../server/setup.ts';
import { type Http2Client, type HttpVersion, http2Client } from '../support/http2-client.ts';
import { answering, type FakeAuthenticator, welcome } from '../support/reviews.ts';

export const BODY_BYTES = 4096;

/** What the observer was told, in order: `started`, `ended`, `answered <verdict>`, `malformed <reason>`. */
export interface Webhook {
  readonly port: number;
  readonly origin: string;
  /** Absent: it is asked over HTTP/1.1. */
  readonly http2?: Http2Client;
  readonly asked: FakeAuthenticator<Decision>['asked'];
  readonly seen: readonly string[];
  /** Errors that reached the one 500 path. */
  readonly bugs: readonly unknown[];
}

export interface GivenWebhook {
  readonly answer?: Verdict<Decision> | ((review: Review) => Promise<Verdict<Decision>> | Verdict<Decision>);
  readonly endpoints?: readonly Endpoint[];
  readonly client?: () => Client;
  readonly settings?: Partial<WebhookSettings>;
  /** Default HTTP/1.1, in clear. */
  readonly over?: HttpVersion;
}

/** `alice:wonderland` is let in, everybody else rejected, unless told. */
const byPassword = ({ credential }: Review): Verdict<Decision> =>
  credential.kind === 'password' && credential.password.reveal() === 'wonderland'
    ? welcome(`test:${credential.username}`)
    : rejected('wrong-password');

export function reviewerOf(inner: FakeAuthenticator<Decision>): Reviewer {
  const store = verdictStore(
    { authenticatedTTLMs: 60_000, rejectedTTLMs: 10_000, staleOnUnavailableMs: 0, maxEntries: 1000, maxBytes: 2 ** 26 },
    systemClock,
  );
  return {
    authenticator: cached(inner, store, { reviewTimeoutMs: 4500, concurrentReviews: 512 }),
    fingerprints: fingerprinter(newFingerprintKey(randomBytes), '1'),
    rules: { tokenBytes: 1024, ignoreIssuers: new Set() },
  };
}

/** Closes with the test. */
export async function startWebhook(t: Pick<TestContext, 'after'>, given: GivenWebhook = {}): Promise<Webhook> {
  const inner = answering<Decision>(given.answer ?? byPassword);
  const seen: string[] = [];
  const bugs: unknown[] = [];
  let ids = 0;
  const app = webhookApp({
    endpoints: given.endpoints ?? [{ path: '/authenticate' }],
    reviewer: reviewerOf(inner),
    bodyBytes: BODY_BYTES,
    observer: observerOf(seen),
    newReviewId: () => `review-${(ids += 1)}`,
    brokerId: '0123456789abcdef',
    clientOf: given.client ?? (() => ({ kind: 'anyone' })),
    monotonicMs: () => systemClock.monotonicMs(),
    failed: (error) => void bugs.push(error),
    ...given.settings,
  });
  const isHttp2 = given.over === 'HTTP/2';
  const tls = isHttp2 ? serverTls({ http2: true }) : undefined;
  const listener = await listen(LOOPBACK, tls, { http1: overHttp1(app), http2: overHttp2(app) });
  const { port } = listener.address;
  const http2 = isHttp2 ? http2Client(`https://localhost:${port}`, { ca: authority.cert }) : undefined;
  t.after(async () => {
    http2?.close();
    await listener.stopAccepting();
    listener.closeAll();
  });
  return { port, origin: `http://127.0.0.1:${port}`, ...(http2 && { http2 }), asked: inner.asked, seen, bugs };
}

function observerOf(seen: string[]): ReviewObserver {
  return {
    started: () => void seen.push('started'),
    ended: () => void seen.push('ended'),
    answered: (_id, _endpoint, { verdict }) => void seen.push(`answered ${verdict.kind}`),
    malformed: (_id, _endpoint, reason) => void seen.push(`malformed ${reason}`),
    failed: (endpoint) => void seen.push(`failed ${endpoint}`),
  };
}

export const API = 'authentication.k8s.io';

export function reviewBody(spec: unknown, version = 'v1'): string {
  return JSON.stringify({ apiVersion: `${API}/${version}`, kind: 'TokenReview', spec });
}

export interface PostChange {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts a body as kube-apiserver does; null for none. */
export async function post(
  { origin, http2 }: Webhook,
  body: string | Uint8Array<ArrayBuffer> | null,
  change: PostChange = {},
): Promise<Response> {
  const { path = '/authenticate', method = 'POST' } = change;
  const headers = { 'Content-Type': 'application/json', ...change.headers };
  if (http2 === undefined) return fetch(origin + path, { method, body, redirect: 'manual', headers });
  const answer = await http2.send(path, { method, headers, body: body ?? undefined });
  const fields = Object.entries(answer.headers).filter(([name]) => !name.startsWith(':'));
  return new Response(answer.text, {
    status: answer.status,
    headers: fields.map(([name, value]): [string, string] => [name, String(value)]),
  });
}
