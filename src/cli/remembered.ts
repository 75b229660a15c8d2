// How long an answer may be remembered, here and at kube-apiserver; the worst case of a removed user.

import type { Verdict } from '../core/verdict.ts';
import type { Config } from '../settings/config.ts';
import { ISSUED } from '../settings/providers-schema.ts';
import type { EndpointConfig } from '../settings/webhook-schema.ts';
import { formatDuration } from '../text/duration.ts';

/** Defaults of kube-apiserver: `--authentication-token-webhook-cache-ttl`, and the cache around all its authenticators. */
const WEBHOOK_CACHE_MS = 120_000;
const UNION_CACHE_MS = 10_000;

/** Milliseconds; all 0 for an outage, which nobody remembers. */
export interface Remembered {
  readonly hereMs: number;
  /** How long an issued token may outlive the sign-in that it was given for; absent where none is taken. */
  readonly issuedMs?: number;
  readonly kubeAPIServerMs: number;
  readonly atMostMs: number;
}

/** The longest life of a token that these endpoints take; undefined when they take none. */
export function issuedLifetime(
  { issuer, providers }: Pick<Config, 'issuer' | 'providers'>,
  endpoints: readonly Pick<EndpointConfig, 'providers'>[],
): number | undefined {
  const takes = providers.some(
    ({ name, type }) => type === ISSUED.type && endpoints.some(({ providers: listed }) => listed.includes(name)),
  );
  return takes ? issuer?.lifetime.maxMs : undefined;
}

/** Of somebody who was let in: our TTL, capped by the credential's own end, an issued token's life, kube-apiserver's two caches. */
export function authenticatedFor(
  cache: Pick<Config['cache'], 'authenticatedTTLMs'>,
  {
    lifeMs = Number.POSITIVE_INFINITY,
    issuedMs,
  }: { readonly lifeMs?: number | undefined; readonly issuedMs?: number | undefined } = {},
): Remembered {
  const hereMs = Math.max(0, Math.floor(Math.min(cache.authenticatedTTLMs, lifeMs)));
  return sum(hereMs, WEBHOOK_CACHE_MS + UNION_CACHE_MS, issuedMs);
}

export interface Known {
  readonly cache: Config['cache'];
  readonly nowMs: number;
  /** The token's form decided, which needs no memory here. */
  readonly byForm: boolean;
  /** As {@link issuedLifetime} of the endpoint. */
  readonly issuedMs?: number | undefined;
}

/** A refusal is not kept around all authenticators. */
export function rememberedFor(verdict: Verdict<unknown>, { cache, nowMs, byForm, issuedMs }: Known): Remembered {
  switch (verdict.kind) {
    case 'authenticated': {
      const lifeMs = verdict.expiresAt === undefined ? undefined : Math.max(0, verdict.expiresAt - nowMs);
      // A volatile verdict is one on an issued token: remembered nowhere here, and good until the token ends.
      if (verdict.isVolatile === true) return authenticatedFor(cache, { lifeMs: 0, issuedMs: lifeMs });
      return authenticatedFor(cache, { lifeMs, issuedMs });
    }
    case 'abstained':
    case 'rejected':
      return sum(byForm ? 0 : cache.rejectedTTLMs, WEBHOOK_CACHE_MS);
    case 'unavailable':
      return sum(0, 0);
  }
}

/** `1m here + 2m10s at kube-apiserver`, with where each comes from. */
export function authenticatedWords({ hereMs, issuedMs, atMostMs }: Remembered): string {
  const token = issuedMs === undefined ? '' : `${duration(issuedMs)} of an issued token + `;
  const here = `${duration(hereMs)} here`;
  const there = `${duration(WEBHOOK_CACHE_MS)} at kube-apiserver by default + ${duration(UNION_CACHE_MS)}`;
  return `${duration(atMostMs)} (${token}${here} + ${there})`;
}

/** `10s` and `2m` of a refusal. */
export function refusedWords({ hereMs, kubeAPIServerMs, atMostMs }: Remembered): string {
  return `${duration(atMostMs)} (${duration(hereMs)} here + ${duration(kubeAPIServerMs)} at kube-apiserver by default)`;
}

function sum(hereMs: number, kubeAPIServerMs: number, issuedMs?: number): Remembered {
  const atMostMs = hereMs + kubeAPIServerMs + (issuedMs ?? 0);
  return { hereMs, ...(issuedMs !== undefined && { issuedMs }), kubeAPIServerMs, atMostMs };
}

function duration(durationMs: number): string {
  return durationMs === 0 ? '0s' : formatDuration(durationMs);
}
