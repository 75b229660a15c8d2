// The metric samples of each provider's part in a review, and of the names that were kept out of its answer.

import type { ProviderObserver } from '../authn/observed.ts';
import type { Review } from '../core/authenticator.ts';
import type { DroppedGroup } from '../core/identity.ts';
import type { SeldomLog } from '../core/seams.ts';
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

/** Counts what the rules on names kept out; groups that are missing for another cause than their name are told in the log. */
export function droppedNames(provider: string, metrics: Metrics, seldom: SeldomLog) {
  const reserved = metrics.counter('reserved_names_dropped_total');
  for (const kind of ['username', 'group']) reserved.inc({ provider, kind }, 0);
  const groups = metrics.counter('groups_dropped_total');
  return {
    onReservedUsername: () => reserved.inc({ provider, kind: 'username' }),
    onGroupsDropped: ({ id }: Review, why: DroppedGroup['why'], dropped: readonly DroppedGroup[]) => {
      const count = dropped.length;
      if (why === 'reserved') return reserved.inc({ provider, kind: 'group' }, count);
      if (why === 'empty' || why === 'duplicate') return undefined;
      groups.inc({ provider, reason: why.replaceAll(' ', '-') }, count);
      const first = dropped.find(({ detail }) => detail !== undefined);
      const seen = first && { group: first.group, detail: first.detail };
      return seldom(why, 'warn', 'groups dropped', { id, provider, why, count, ...seen });
    },
  };
}
