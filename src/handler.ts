// Joins one graph to the HTTP edge.

import type { RequestListener } from 'node:http';
import type { Log, Seams } from './core/seams.ts';
import type { Graph } from './graph.ts';
import { clientJudge } from './server/client.ts';
import { type ReviewObserver, webhookApp } from './webhook/router.ts';

export interface HandlerSeams extends Seams {
  readonly observer: ReviewObserver;
  readonly newReviewId: () => string;
}

/** The webhook's request handler under the graph's configuration. */
export function webhookHandler(graph: Graph, { observer, log, clock, newReviewId }: HandlerSeams): RequestListener {
  const { webhook, limits } = graph.config;
  return webhookApp({
    endpoints: webhook.endpoints,
    reviewer: graph.reviewer,
    bodyBytes: limits.bodyBytes,
    observer,
    newReviewId,
    clientOf: clientJudge(webhook.tls?.clientNames),
    monotonicMs: () => clock.monotonicMs(),
    failed: (error) => logBug(log, error),
  });
}

/** The kind of error only: its message may quote a request. */
export function logBug(log: Log, error: unknown): void {
  log('error', 'internal error', { error: error instanceof Error ? error.name : 'not an error' });
}
