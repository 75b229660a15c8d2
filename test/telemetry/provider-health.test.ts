// What is known of an upstream: only what an upstream showed, and the last thing it showed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import type { OutageReason } from '../../src/core/reasons.ts';
import { abstained, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { providerHealth, upstreamAnswered } from '../../src/telemetry/provider-health.ts';
import { providerObserver } from '../../src/telemetry/providers.ts';
import { welcome } from '../support/reviews.ts';

const isOutage = (reason: string): reason is OutageReason => reason in OUTAGE_REASONS;

void describe('a verdict shows the upstream', () => {
  const rows: { name: string; given: Verdict<unknown>; want: boolean | undefined }[] = [
    { name: 'alive when it authenticated', given: welcome(), want: true },
    { name: 'alive when it refused', given: rejected('wrong-password'), want: true },
    { name: 'alive when it does not know the user', given: abstained('unknown-user'), want: true },
    { name: 'not at all when it was not asked', given: abstained('no-match'), want: undefined },
    { name: 'not at all when the form decided', given: rejected('empty-password'), want: undefined },
    { name: 'down when it did not answer', given: unavailable('timeout'), want: false },
    {
      name: 'not at all when the budget kept it from being asked',
      given: unavailable('failed-password-budget'),
      want: undefined,
    },
    { name: 'not at all when the circuit did', given: unavailable('circuit-open'), want: undefined },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.equal(upstreamAnswered(given), want));
  void test('down, or not at all, for every outage', () => {
    for (const reason of Object.keys(OUTAGE_REASONS).filter(isOutage)) {
      assert.notEqual(upstreamAnswered(unavailable(reason)), true);
    }
  });
});

void test('states: unknown at first, then the last that was shown', () => {
  const health = providerHealth(['a', 'b']);
  const state = () => health.states()[0];
  assert.deepEqual(health.states(), [
    { provider: 'a', circuit: 'closed' },
    { provider: 'b', circuit: 'closed' },
  ]);
  health.verdict('a', unavailable('timeout'));
  health.circuit('a', 'open');
  assert.deepEqual(state(), { provider: 'a', circuit: 'open', up: false, reason: 'timeout' });
  health.verdict('a', unavailable('circuit-open'));
  assert.deepEqual(state(), { provider: 'a', circuit: 'open', up: false, reason: 'timeout' });
  health.verdict('a', unavailable('tls-failed'));
  health.circuit('a', 'closed');
  assert.deepEqual(state(), { provider: 'a', circuit: 'closed', up: false, reason: 'tls-failed' });
  health.verdict('a', rejected('wrong-password'));
  assert.deepEqual(state(), { provider: 'a', circuit: 'closed', up: true });
  assert.deepEqual(health.states()[1], { provider: 'b', circuit: 'closed' });
});

void test('the samples of an answer: one request, one duration, and up only when that was shown', async () => {
  const metrics = createMetrics();
  const observer = providerObserver(metrics, providerHealth(['a']));
  const series = async (name: string) =>
    (await metrics.scrape()).split('\n').filter((line) => line.startsWith(`authbroker_${name}`));
  observer.answered('a', abstained('no-match'), 1);
  assert.deepEqual(await series('provider_up'), []);
  observer.answered('a', unavailable('timeout'), 2500);
  observer.answered('a', welcome(), 3);
  assert.deepEqual(await series('provider_up'), ['authbroker_provider_up{provider="a"} 1']);
  assert.deepEqual(await series('provider_requests_total'), [
    'authbroker_provider_requests_total{provider="a",verdict="abstained",reason="no-match"} 1',
    'authbroker_provider_requests_total{provider="a",verdict="unavailable",reason="timeout"} 1',
    'authbroker_provider_requests_total{provider="a",verdict="authenticated",reason="ok"} 1',
  ]);
  const slow = (await series('provider_request_duration_seconds_bucket')).find(
    (line) => line.includes('unavailable') && line.includes('le="2.5"'),
  );
  assert.match(slow ?? '', / 1$/);
});
