// The metric samples of each provider's part in a review.

import type { ProviderObserver } from '../authn/observed.ts';
import { reasonOf } from '../core/verdict.ts';
import type { Metrics } from './metrics.ts';
import type { ProviderHealth } from './provider-health.ts';

export function providerObserver(metrics: Metrics, health: ProviderHealth): ProviderObserver {
  const requests = metrics.counter('provider_requests_total');
  const durations = metrics.histogram('provider_request_duration_seconds');
  const upGauge = metrics.gauge('provider_up');
  return {
    answered: (provider, verdict, durationMs) => {
      requests.inc({ provider, verdict: verdict.kind, reason: reasonOf(verdict) });
      durations.observe({ provider, verdict: verdict.kind }, durationMs / 1000);
      const up = health.verdict(provider, verdict);
      if (up !== undefined) upGauge.set({ provider }, up ? 1 : 0);
    },
  };
}
