// The HTTP edge: Express routes for each endpoint, and the documented answer to everything else.

import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Endpoint } from '../core/authenticator.ts';
import { MALFORMED_REASONS } from '../core/outage-reasons.ts';
import type { MalformedReason } from '../core/reasons.ts';
import { readBody } from './body.ts';
import { parseTokenReview } from './request.ts';
import { tokenReviewAnswer } from './response.ts';
import { type Reviewed, type Reviewer, review } from './reviewer.ts';

/** Told of every request that reached an endpoint. */
export interface ReviewObserver {
  /** A TokenReview is being answered, until `ended`. */
  started(): void;
  ended(): void;
  /** One TokenReview was answered. `client` is the name in the client certificate. */
  answered(id: string, endpoint: string, reviewed: Reviewed, durationMs: number, client: string | undefined): void;
  malformed(
    id: string,
    endpoint: string,
    reason: MalformedReason,
    durationMs: number,
    client: string | undefined,
  ): void;
}

/** Who is on the other end: `refused` when mutual TLS let a certificate in whose name is not one of ours. */
export type Client =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'refused' };

export interface WebhookSettings {
  readonly endpoints: readonly Endpoint[];
  readonly reviewer: Reviewer;
  readonly bodyBytes: number;
  readonly observer: ReviewObserver;
  readonly newReviewId: () => string;
  readonly clientOf: (request: IncomingMessage) => Client;
  readonly monotonicMs: () => number;
  /** A bug was caught: counted and logged by the caller, never told to the client. */
  readonly failed: (error: unknown) => void;
}

const STATUS: Readonly<Record<MalformedReason, number>> = {
  'not-json': 400,
  'not-an-object': 400,
  'not-a-token-review': 400,
  'wrong-version': 400,
  'token-not-a-string': 400,
  'audiences-not-strings': 400,
  'incomplete-body': 400,
  'untrusted-client': 401,
  'wrong-method': 405,
  'oversize-body': 413,
  'wrong-content-type': 415,
  'wrong-content-encoding': 415,
};

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** The Express application of one configuration; it has no state of its own. */
export function webhookApp(settings: WebhookSettings): Express {
  const app = express();
  for (const name of ['x-powered-by', 'etag', 'query parser', 'trust proxy']) app.set(name, false);
  app.set('env', 'production');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  for (const endpoint of settings.endpoints) app.all(endpoint.path, (req, res) => handle(settings, endpoint, req, res));
  app.use((_req: IncomingMessage, res: ServerResponse) =>
    sendText(res, settings.newReviewId(), 404, 'no such endpoint'),
  );
  const onError: ErrorRequestHandler = (error: unknown, _req, res: ServerResponse, _next) => {
    settings.failed(error);
    if (!res.headersSent) sendText(res, settings.newReviewId(), 500, 'internal error');
  };
  app.use(onError);
  return app;
}

async function handle(
  settings: WebhookSettings,
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = settings.monotonicMs();
  const id = settings.newReviewId();
  const client = settings.clientOf(request);
  const name = client.kind === 'named' ? client.name : undefined;
  let reviewed: Reviewed;
  const refuse = (reason: MalformedReason): void => {
    sendMalformed(response, id, reason);
    settings.observer.malformed(id, endpoint.path, reason, settings.monotonicMs() - startedMs, name);
  };
  const fault = client.kind === 'refused' ? 'untrusted-client' : headFault(request);
  if (fault !== undefined) return refuse(fault);
  const body = await readBody(request, settings.bodyBytes);
  if (body.kind !== 'complete') return refuse(body.kind === 'oversize' ? 'oversize-body' : 'incomplete-body');
  const parsed = parseTokenReview(body.text);
  if (!parsed.ok) return refuse(parsed.reason);
  settings.observer.started();
  try {
    const known = review(settings.reviewer, endpoint, parsed, id);
    reviewed = known instanceof Promise ? await known : known;
  } finally {
    settings.observer.ended();
  }
  send(response, id, 200, 'application/json', tokenReviewAnswer(reviewed.verdict, parsed.version, id));
  settings.observer.answered(id, endpoint.path, reviewed, settings.monotonicMs() - startedMs, name);
}

function headFault({ method, headers }: IncomingMessage): MalformedReason | undefined {
  if (method !== 'POST') return 'wrong-method';
  const type = headers['content-type'];
  if (type !== 'application/json' && !JSON_TYPE.test(type ?? '')) return 'wrong-content-type';
  return headers['content-encoding'] === undefined ? undefined : 'wrong-content-encoding';
}

function sendMalformed(response: ServerResponse, id: string, reason: MalformedReason): void {
  if (reason === 'wrong-method') response.setHeader('Allow', 'POST');
  // The rest of the request was not read, so the connection cannot carry another one.
  response.setHeader('Connection', 'close');
  const { meaning, next } = MALFORMED_REASONS[reason];
  sendText(response, id, STATUS[reason], `${meaning} ${next}`);
}

function sendText(response: ServerResponse, id: string, status: number, line: string): void {
  send(response, id, status, 'text/plain; charset=utf-8', `${line}\n`);
}

function send(response: ServerResponse, id: string, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'X-Request-Id': id });
  response.end(body);
}
