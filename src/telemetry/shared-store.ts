// The metric samples of the store that brokers share.

import type { StoreObserver } from '../stores/questions.ts';
import type { Metrics } from './metrics.ts';

/** Until a configuration has `shared`, none of these has a sample. */
export function storeObserver(metrics: Metrics): StoreObserver {
  const requests = metrics.counter('shared_state_requests_total');
  const durations = metrics.histogram('shared_state_request_duration_seconds');
  const up = metrics.gauge('shared_state_up');
  return {
    asked: (operation, result, durationMs) => {
      requests.inc({ operation, result });
      if (result !== 'down') durations.observe({ operation }, durationMs / 1000);
    },
    up: (isUp) => up.set(isUp ? 1 : 0),
  };
}
