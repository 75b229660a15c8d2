// One log line and the metric samples of every answered review.

import type { Identity } from '../core/identity.ts';
import type { Log } from '../core/seams.ts';
import { reasonOf } from '../core/verdict.ts';
import type { Reviewed } from '../webhook/reviewer.ts';
import type { ReviewObserver } from '../webhook/router.ts';
import type { Metrics } from './metrics.ts';

/** Characters of a fingerprint in the log: enough to tell reviews apart, too few to be worth comparing. */
const LOGGED_FINGERPRINT = 12;

/** Writes only what an upstream confirmed: the mapped username, and that only when it is authenticated. */
export function reviewObserver(metrics: Metrics, log: Log): ReviewObserver {
  const reviews = metrics.counter('token_reviews_total');
  const durations = metrics.histogram('token_review_duration_seconds');
  const cacheRequests = metrics.counter('cache_requests_total');
  const inFlight = metrics.gauge('token_reviews_in_flight');
  let running = 0;
  metrics.beforeScrape(() => inFlight.set(running));
  return {
    started: () => {
      running += 1;
    },
    ended: () => {
      running -= 1;
    },
    answered: (id, endpoint, reviewed, durationMs, client) => {
      const verdict = reviewed.verdict.kind === 'abstained' ? 'rejected' : reviewed.verdict.kind;
      const reason = reasonOf(reviewed.verdict);
      reviews.inc({ endpoint, verdict, reason });
      durations.observe({ endpoint, verdict }, durationMs / 1000);
      if (reviewed.cache !== undefined) cacheRequests.inc({ result: reviewed.cache });
      log('info', 'review', {
        id,
        endpoint,
        verdict,
        reason,
        ...about(reviewed),
        durationMs: rounded(durationMs),
        client,
      });
    },
    malformed: (id, endpoint, reason, durationMs, client) => {
      reviews.inc({ endpoint, verdict: 'malformed', reason });
      durations.observe({ endpoint, verdict: 'malformed' }, durationMs / 1000);
      log('info', 'malformed request', { id, endpoint, reason, durationMs: rounded(durationMs), client });
    },
  };
}

interface About {
  readonly provider: string | undefined;
  readonly username: string | undefined;
  readonly uid: string | undefined;
  readonly cache: string | undefined;
  readonly fingerprint: string | undefined;
}

function about({ verdict, cache, fingerprint }: Reviewed): About {
  const who: Identity | undefined = verdict.kind === 'authenticated' ? verdict.value.identity : undefined;
  return {
    provider: verdict.by,
    username: who?.username,
    uid: who?.uid,
    cache,
    fingerprint: fingerprint?.slice(0, LOGGED_FINGERPRINT),
  };
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 1000) / 1000;
}
