// The HTTP edge: Express routes for each endpoint, and the documented answer to everything else.

import type { IncomingHttpHeaders } from 'node:http';
import express from 'express';
import type { Endpoint } from '../core/authenticator.ts';
import { MALFORMED_REASONS } from '../core/outage-reasons.ts';
import type { MalformedReason } from '../core/reasons.ts';
import { unavailable } from '../core/verdict.ts';
import { passed, VIA_HEADER } from '../core/via.ts';
import { type Headers, PLAIN_TEXT } from '../http/answer.ts';
import type { Body } from '../http/body.ts';
import type { Client } from '../http/client.ts';
import type { Incoming, Serve } from '../http/incoming.ts';
import { isFormType, isJsonType } from '../text/media-type.ts';
import { type ApiVersion, parseTokenReview, type TokenReviewRequest } from './request.ts';
import { tokenReviewAnswer } from './response.ts';
import { type How, type Reviewed, type Reviewer, review } from './reviewer.ts';

/** Told of every request that reached an endpoint. */
export interface ReviewObserver {
  /** A TokenReview is being answered, until `ended`. */
  started(): void;
  ended(): void;
  /** One TokenReview was answered. `client` is the name in the client certificate. */
  answered(id: string, endpoint: string, reviewed: Reviewed, durationMs: number, client: string | undefined): void;
  /** A request to this endpoint met a bug and was answered 500. */
  failed(endpoint: string): void;
  malformed(
    id: string,
    endpoint: string,
    reason: MalformedReason,
    durationMs: number,
    client: string | undefined,
  ): void;
}

export interface WebhookSettings {
  readonly endpoints: readonly Endpoint[];
  readonly reviewer: Reviewer;
  readonly bodyBytes: number;
  readonly observer: ReviewObserver;
  readonly newReviewId: () => string;
  /** Of this process. */
  readonly brokerId: string;
  readonly clientOf: (request: Incoming) => Client;
  readonly monotonicMs: () => number;
  /** A bug was caught, while a request to `endpoint` was answered: counted and logged, never told to the client. */
  readonly failed: (error: unknown, endpoint?: string) => void;
}

const STATUS: Readonly<Record<MalformedReason, number>> = {
  'not-json': 400,
  'not-an-object': 400,
  'not-a-token-review': 400,
  'wrong-version': 400,
  'spec-not-an-object': 400,
  'token-not-a-string': 400,
  'audiences-not-strings': 400,
  'incomplete-body': 400,
  'untrusted-client': 401,
  'wrong-method': 405,
  'oversize-body': 413,
  'wrong-content-type': 415,
  'wrong-content-encoding': 415,
};

const BODY_FAULTS: Readonly<Record<Exclude<Body['kind'], 'complete'>, MalformedReason>> = {
  'not-text': 'not-json',
  oversize: 'oversize-body',
  incomplete: 'incomplete-body',
};

/** What Express's router really needs, and writes to; the rest of its `Request` and `Response` nobody calls here. */
interface Routed {
  readonly method: string;
  readonly url: string;
  readonly incoming: Incoming;
}
type Routes = (request: Routed, response: object, unhandled: (error?: unknown) => void) => void;

/**
 * Answers requests under one configuration; it has no state of its own. A path that is an endpoint's letter by letter is
 * found without the router, which takes 4 % of a remembered answer's time.
 */
export function webhookApp(given: WebhookSettings): Serve {
  const settings: InForce = { ...given, alone: { via: [given.brokerId] } };
  const byPath = new Map(settings.endpoints.map((endpoint) => [endpoint.path, endpoint]));
  const routes = endpointRoutes(settings);
  return (incoming) => {
    const { method, url } = incoming;
    const endpoint = byPath.get(pathOf(url));
    if (endpoint !== undefined) return guarded(settings, endpoint, incoming);
    routes({ method, url, incoming }, {}, (error) => {
      if (error) broken(settings, incoming, error);
      else sendText(incoming, settings.newReviewId(), 404, 'no such endpoint');
    });
  };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** A router without an application around it, which would give each request and response prototypes of Express's own. */
function endpointRoutes(settings: InForce): Routes {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const endpoint of settings.endpoints) {
    // oxlint-disable-next-line no-unsafe-type-assertion -- it hands on the very object that it was given
    router.all(endpoint.path, (request) => guarded(settings, endpoint, (request as unknown as Routed).incoming));
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- its types ask for the prototypes that an application would set
  return router as unknown as Routes;
}

interface InForce extends WebhookSettings {
  /** What is known of a review that comes from no other broker. */
  readonly alone: How;
}

/** One request to an endpoint, from its head to its answer. */
interface Exchange {
  readonly settings: WebhookSettings;
  readonly endpoint: Endpoint;
  readonly incoming: Incoming;
  readonly id: string;
  readonly startedMs: number;
  /** The name in the client certificate. */
  readonly client: string | undefined;
  /** Undefined: the review goes round in a circle. */
  readonly how: How | undefined;
}

function guarded(settings: InForce, endpoint: Endpoint, incoming: Incoming): void {
  try {
    handle(settings, endpoint, incoming);
  } catch (error) {
    broken(settings, incoming, error, endpoint);
  }
}

/** No promise is made where the answer is known at once, which is most of the time. */
function handle(settings: InForce, endpoint: Endpoint, incoming: Incoming): void {
  const startedMs = settings.monotonicMs();
  const who = settings.clientOf(incoming);
  const client = who.kind === 'named' ? who.name : undefined;
  const how = howOf(incoming.headers, settings);
  const exchange: Exchange = { settings, endpoint, incoming, id: settings.newReviewId(), startedMs, client, how };
  const fault = who.kind === 'refused' ? 'untrusted-client' : headFault(incoming);
  if (fault !== undefined) return refuse(exchange, fault);
  incoming.readBody(settings.bodyBytes, (body) => {
    try {
      answerBody(exchange, body);
    } catch (error) {
      broken(settings, incoming, error, endpoint);
    }
  });
}

/** Only brokers send the header. */
function howOf({ [VIA_HEADER]: header }: Incoming['headers'], { alone, brokerId }: InForce): How | undefined {
  if (header === undefined) return alone;
  const via = passed(String(header), brokerId);
  return via && { via };
}

const LOOP: Reviewed = { verdict: unavailable('review-loop') };

function answerBody(exchange: Exchange, body: Body): void {
  if (body.kind !== 'complete') return refuse(exchange, BODY_FAULTS[body.kind]);
  const parsed = parseTokenReview(body.text);
  if (!parsed.ok) return refuse(exchange, parsed.reason);
  const reviewed = counted(exchange, parsed);
  if (!(reviewed instanceof Promise)) return answer(exchange, parsed.version, reviewed);
  reviewed
    .then((later) => answer(exchange, parsed.version, later))
    .catch((error: unknown) => broken(exchange.settings, exchange.incoming, error, exchange.endpoint));
}

function counted({ settings, endpoint, id, how }: Exchange, parsed: TokenReviewRequest): Reviewed | Promise<Reviewed> {
  const { observer, reviewer } = settings;
  observer.started();
  let reviewed: Reviewed | Promise<Reviewed> | undefined;
  try {
    reviewed = how === undefined ? LOOP : review(reviewer, endpoint, parsed, id, how);
  } finally {
    if (!(reviewed instanceof Promise)) observer.ended();
  }
  return reviewed instanceof Promise ? reviewed.finally(() => observer.ended()) : reviewed;
}

function answer(
  { settings, endpoint, incoming, id, startedMs, client }: Exchange,
  version: ApiVersion,
  reviewed: Reviewed,
): void {
  incoming.answer(200, headersOf(id, 'application/json'), tokenReviewAnswer(reviewed.verdict, version, id));
  settings.observer.answered(id, endpoint.path, reviewed, settings.monotonicMs() - startedMs, client);
}

function refuse({ settings, endpoint, incoming, id, startedMs, client }: Exchange, reason: MalformedReason): void {
  sendMalformed(incoming, id, reason);
  settings.observer.malformed(id, endpoint.path, reason, settings.monotonicMs() - startedMs, client);
}

/** A bug: whoever asked learns only that there is one. */
function broken(settings: WebhookSettings, incoming: Incoming, error: unknown, endpoint?: Endpoint): void {
  settings.failed(error, endpoint?.path);
  sendText(incoming, settings.newReviewId(), 500, 'internal error');
}

function headFault({ method, headers }: Incoming): MalformedReason | undefined {
  if (method !== 'POST') return 'wrong-method';
  if (!isReadAsJson(headers)) return 'wrong-content-type';
  return headers['content-encoding'] === undefined ? undefined : 'wrong-content-encoding';
}

/**
 * JSON says so, but for what `curl -d` makes of it: no browser sends either without telling its origin, so no page of another
 * site can have one post a review (Fetch Metadata; RFC 6454 §7).
 */
function isReadAsJson(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  if (isJsonType(type)) return true;
  const isFromBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  return !isFromBrowser && (type === undefined || type === '' || isFormType(type));
}

function sendMalformed(incoming: Incoming, id: string, reason: MalformedReason): void {
  const { meaning, next } = MALFORMED_REASONS[reason];
  const headers = headersOf(id, PLAIN_TEXT);
  const allow = reason === 'wrong-method' ? { Allow: 'POST' } : {};
  incoming.answerUnread(STATUS[reason], { ...headers, ...allow }, `${meaning} ${next}\n`);
}

function sendText(incoming: Incoming, id: string, status: number, line: string): void {
  incoming.answer(status, headersOf(id, PLAIN_TEXT), `${line}\n`);
}

function headersOf(id: string, type: string): Headers {
  return { 'Content-Type': type, 'X-Request-Id': id };
}
