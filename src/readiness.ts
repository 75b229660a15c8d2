// What `/readyz` tells: the broker itself decides readiness, its upstreams are shown beside it.

import { describeReason } from './core/reasons.ts';
import type { Graph } from './graph.ts';
import type { Check } from './operations/checks.ts';
import type { SharedStore } from './stores/shared.ts';
import type { UpstreamState } from './telemetry/provider-health.ts';

export interface Now {
  /** Absent: the broker remembers for itself. */
  readonly shared?: SharedStore | undefined;
  readonly draining: boolean;
  readonly nowMs: number;
}

/** An upstream that is down is degraded: another replica could not reach it either. */
export function readiness(graph: Graph, { draining, nowMs, shared }: Now): readonly Check[] {
  const notAfterMs = graph.config.webhook.certificateNotAfterMs;
  return [
    { name: 'config', result: 'ok' },
    { name: 'listeners', result: 'ok' },
    ...(notAfterMs === undefined ? [] : [certificateCheck(notAfterMs, nowMs)]),
    draining ? { name: 'shutdown', result: 'failed', detail: 'draining' } : { name: 'shutdown', result: 'ok' },
    ...graph.health.states().map(upstreamCheck),
    ...(shared === undefined ? [] : [sharedCheck(shared.kept.fault())]),
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

/** Without the store each broker goes on with what it knows. */
function sharedCheck(fault: string | undefined): Check {
  return fault === undefined ? { name: 'shared', result: 'ok' } : { name: 'shared', result: 'degraded', detail: fault };
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
