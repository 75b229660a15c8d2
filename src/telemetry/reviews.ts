// One log line and the metric samples of every answered review.

import type { CacheResult } from '../authn/cached.ts';
import { BROKER_ID } from '../authn/mapped.ts';
import { CREDENTIAL_ID_KEY } from '../authn/mapping/identity.ts';
import type { Identity } from '../core/identity.ts';
import type { Log } from '../core/seams.ts';
import { reasonOf } from '../core/verdict.ts';
import type { ReviewObserver } from '../webhook/router.ts';
import type { Metrics } from './metrics.ts';

/** Characters of a fingerprint in the log: enough to tell reviews apart, too few to be worth comparing. */
const LOGGED_FINGERPRINT = 12;

/** Writes only what an upstream confirmed: the mapped username, and that only when it is authenticated. */
export function reviewObserver(metrics: Metrics, log: Log): ReviewObserver {
  const inFlight = metrics.gauge('token_reviews_in_flight');
  const counts = reviewCounts(metrics);
  let running = 0;
  metrics.beforeScrape(() => inFlight.set(running));
  return {
    started: () => {
      running += 1;
    },
    ended: () => {
      running -= 1;
    },
    answered: (id, endpoint, { verdict: given, cache, fingerprint }, durationMs, client) => {
      const verdict = given.kind === 'abstained' ? 'rejected' : given.kind;
      const reason = reasonOf(given);
      const identity = given.kind === 'authenticated' ? given.value.identity : undefined;
      counts.answered(endpoint, verdict, reason, durationMs);
      if (cache !== undefined) counts.cached(cache);
      log('info', 'review', {
        id,
        endpoint,
        verdict,
        reason,
        provider: given.by,
        username: identity?.username,
        uid: identity?.uid,
        cache,
        fingerprint: (credentialIdOf(identity) ?? fingerprint)?.slice(0, LOGGED_FINGERPRINT),
        durationMs: rounded(durationMs),
        client,
      });
    },
    failed: (endpoint) => counts.failed(endpoint),
    malformed: (id, endpoint, reason, durationMs, client) => {
      counts.answered(endpoint, 'malformed', reason, durationMs);
      log('info', 'malformed request', { id, endpoint, reason, durationMs: rounded(durationMs), client });
    },
  };
}

/** Of who was let in, the audit log of kube-apiserver has the same one. */
function credentialIdOf(identity: Identity | undefined): string | undefined {
  return identity?.extra[CREDENTIAL_ID_KEY]?.[0]?.slice(BROKER_ID.length);
}

interface ReviewCounts {
  answered(endpoint: string, verdict: string, reason: string, durationMs: number): void;
  cached(result: CacheResult): void;
  failed(endpoint: string): void;
}

/** Looks each series up by its label values, all from closed sets, and keeps it. */
function reviewCounts(metrics: Metrics): ReviewCounts {
  const durations = metrics.histogram('token_review_duration_seconds');
  const answered = remembered((endpoint) =>
    remembered((verdict) => ({
      duration: durations.series({ endpoint, verdict }),
      byReason: remembered((reason) => metrics.counterSeries('token_reviews_total', { endpoint, verdict, reason })),
    })),
  );
  const cached = remembered((result) => metrics.counterSeries('cache_requests_total', { result }));
  return {
    answered: (endpoint, verdict, reason, durationMs) => {
      const { duration, byReason } = answered(endpoint)(verdict);
      duration.observe(durationMs / 1000);
      byReason(reason).inc();
    },
    cached: (result) => cached(result).inc(),
    failed: (endpoint) => answered(endpoint)('unavailable').byReason('internal').inc(),
  };
}

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 1000) / 1000;
}
