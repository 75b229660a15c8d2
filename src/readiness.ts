// What `/readyz` tells: the broker itself decides readiness, its upstreams are shown beside it.

import { describeReason } from './core/reasons.ts';
import type { Graph } from './graph.ts';
import type { Check } from './operations/checks.ts';
import type { UpstreamState } from './telemetry/provider-health.ts';

export interface Now {
  readonly draining: boolean;
  readonly nowMs: number;
}

/** An upstream that is down is degraded: another replica could not reach it either. */
export function readiness(graph: Graph, { draining, nowMs }: Now): readonly Check[] {
  const notAfterMs = graph.config.webhook.certificateNotAfterMs;
  return [
    { name: 'config', result: 'ok' },
    { name: 'listeners', result: 'ok' },
    ...(notAfterMs === undefined ? [] : [certificateCheck(notAfterMs, nowMs)]),
    draining ? { name: 'shutdown', result: 'failed', detail: 'draining' } : { name: 'shutdown', result: 'ok' },
    ...graph.health.states().map(upstreamCheck),
  ];
}

function certificateCheck(notAfterMs: number, nowMs: number): Check {
  if (notAfterMs > nowMs) return { name: 'tls', result: 'ok' };
  return {
    name: 'tls',
    result: 'failed',
    detail: `the server certificate expired at ${new Date(notAfterMs).toISOString()}`,
  };
}

function upstreamCheck({ provider, up, reason, circuit }: UpstreamState): Check {
  const name = `provider/${provider}`;
  if (up !== false && circuit === 'closed') return { name, result: 'ok' };
  const why = reason === undefined ? '' : `${reason}: ${describeReason(reason).meaning}`;
  return {
    name,
    result: 'degraded',
    detail: [why, circuit === 'closed' ? '' : `circuit ${circuit}`].filter(Boolean).join(' '),
  };
}
