// How long an answer may be remembered, here and at kube-apiserver; the worst case of a removed user.

import type { Verdict } from '../core/verdict.ts';
import type { Config } from '../settings/config.ts';
import { formatDuration } from '../text/duration.ts';

/** Defaults of kube-apiserver: `--authentication-token-webhook-cache-ttl`, and the cache around all its authenticators. */
const WEBHOOK_CACHE_MS = 120_000;
const UNION_CACHE_MS = 10_000;

/** Milliseconds; all 0 for an outage, which nobody remembers. */
export interface Remembered {
  readonly hereMs: number;
  readonly kubeAPIServerMs: number;
  readonly atMostMs: number;
}

/** Of somebody who was let in: our TTL, capped by the credential's own end, then kube-apiserver's two caches. */
export function authenticatedFor(
  cache: Pick<Config['cache'], 'authenticatedTTLMs'>,
  lifeMs = Number.POSITIVE_INFINITY,
): Remembered {
  return sum(Math.max(0, Math.floor(Math.min(cache.authenticatedTTLMs, lifeMs))), WEBHOOK_CACHE_MS + UNION_CACHE_MS);
}

/** `byForm`: the token's form decided, which needs no memory here. A refusal is not kept around all authenticators. */
export function rememberedFor(
  verdict: Verdict<unknown>,
  { cache, nowMs, byForm }: { readonly cache: Config['cache']; readonly nowMs: number; readonly byForm: boolean },
): Remembered {
  switch (verdict.kind) {
    case 'authenticated':
      if (verdict.isVolatile === true) return authenticatedFor(cache, 0);
      return authenticatedFor(cache, verdict.expiresAt === undefined ? undefined : verdict.expiresAt - nowMs);
    case 'abstained':
    case 'rejected':
      return sum(byForm ? 0 : cache.rejectedTTLMs, WEBHOOK_CACHE_MS);
    case 'unavailable':
      return sum(0, 0);
  }
}

/** `1m here + 2m10s at kube-apiserver`, with where each comes from. */
export function authenticatedWords({ hereMs, atMostMs }: Remembered): string {
  const here = `${duration(hereMs)} here`;
  const there = `${duration(WEBHOOK_CACHE_MS)} at kube-apiserver by default + ${duration(UNION_CACHE_MS)}`;
  return `${duration(atMostMs)} (${here} + ${there})`;
}

/** `10s` and `2m` of a refusal. */
export function refusedWords({ hereMs, kubeAPIServerMs, atMostMs }: Remembered): string {
  return `${duration(atMostMs)} (${duration(hereMs)} here + ${duration(kubeAPIServerMs)} at kube-apiserver by default)`;
}

function sum(hereMs: number, kubeAPIServerMs: number): Remembered {
  return { hereMs, kubeAPIServerMs, atMostMs: hereMs + kubeAPIServerMs };
}

function duration(durationMs: number): string {
  return durationMs === 0 ? '0s' : formatDuration(durationMs);
}
