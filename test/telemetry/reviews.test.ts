// One line and the samples of each review: what an upstream confirmed, and nothing else of the caller.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogFields, LogLevel } from '../../src/core/seams.ts';
import { abstained, rejected, unavailable } from '../../src/core/verdict.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { reviewObserver } from '../../src/telemetry/reviews.ts';
import type { Reviewed } from '../../src/webhook/reviewer.ts';
import { welcome } from '../support/reviews.ts';

function observing() {
  const metrics = createMetrics();
  const lines: { level: LogLevel; message: string; fields: LogFields }[] = [];
  const observer = reviewObserver(
    metrics,
    (level, message, fields = {}) => void lines.push({ level, message, fields }),
  );
  const series = async (name: string) =>
    (await metrics.scrape()).split('\n').filter((line) => line.startsWith(`authbroker_${name}`));
  return { observer, lines, series };
}

const FINGERPRINT = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

void describe('an answered review', () => {
  const rows: { name: string; given: Reviewed; want: LogFields; label: string }[] = [
    {
      name: 'authenticated: who it is',
      given: {
        verdict: {
          ...welcome('ldap:alice'),
          by: 'ldap',
          value: { identity: { username: 'ldap:alice', uid: '7', groups: ['g'], extra: {} } },
        },
        cache: 'hit',
        fingerprint: FINGERPRINT,
      },
      want: {
        verdict: 'authenticated',
        reason: 'ok',
        provider: 'ldap',
        username: 'ldap:alice',
        uid: '7',
        cache: 'hit',
        fingerprint: 'abcdefghijkl',
      },
      label: 'verdict="authenticated",reason="ok"',
    },
    {
      name: 'rejected: why, and nobody',
      given: {
        verdict: { ...rejected('wrong-password', 'canary'), by: 'ldap' },
        cache: 'miss',
        fingerprint: FINGERPRINT,
      },
      want: {
        verdict: 'rejected',
        reason: 'wrong-password',
        provider: 'ldap',
        cache: 'miss',
        fingerprint: 'abcdefghijkl',
      },
      label: 'verdict="rejected",reason="wrong-password"',
    },
    {
      name: 'abstained is told as rejected, as the caller was',
      given: { verdict: abstained('no-provider'), cache: 'shared', fingerprint: FINGERPRINT },
      want: { verdict: 'rejected', reason: 'no-provider', cache: 'shared', fingerprint: 'abcdefghijkl' },
      label: 'verdict="rejected",reason="no-provider"',
    },
    {
      name: 'unavailable',
      given: {
        verdict: { ...unavailable('timeout', 'canary', new Error('canary')), by: 'ldap', providers: ['ldap'] },
        cache: 'miss',
        fingerprint: FINGERPRINT,
      },
      want: { verdict: 'unavailable', reason: 'timeout', provider: 'ldap', cache: 'miss', fingerprint: 'abcdefghijkl' },
      label: 'verdict="unavailable",reason="timeout"',
    },
    {
      name: 'decided by form alone',
      given: { verdict: rejected('empty-token') },
      want: { verdict: 'rejected', reason: 'empty-token' },
      label: 'verdict="rejected",reason="empty-token"',
    },
  ];
  for (const { name, given, want, label } of rows) {
    void test(name, async () => {
      const { observer, lines, series } = observing();
      observer.answered('r-1', '/authenticate', given, 1.23456, 'kas');
      const [line] = lines;
      assert.deepEqual([lines.length, line?.level, line?.message], [1, 'info', 'review']);
      assert.deepEqual(JSON.parse(JSON.stringify(line?.fields)), {
        id: 'r-1',
        endpoint: '/authenticate',
        ...want,
        durationMs: 1.235,
        client: 'kas',
      });
      assert.deepEqual(await series('token_reviews_total'), [
        `authbroker_token_reviews_total{endpoint="/authenticate",${label}} 1`,
      ]);
      assert.deepEqual(
        await series('cache_requests_total'),
        given.cache === undefined ? [] : [`authbroker_cache_requests_total{result="${given.cache}"} 1`],
      );
      assert.equal((await series('token_review_duration_seconds_count')).length, 1);
    });
  }
});

void test('a malformed request is counted and told by its reason', async () => {
  const { observer, lines, series } = observing();
  observer.malformed('r-2', '/authenticate', 'not-json', 0.5, undefined);
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, fields['reason']]),
    [['info', 'malformed request', 'not-json']],
  );
  assert.deepEqual(await series('token_reviews_total'), [
    'authbroker_token_reviews_total{endpoint="/authenticate",verdict="malformed",reason="not-json"} 1',
  ]);
});

void test('reviews in flight are those that started and have not ended', async () => {
  const { observer, series } = observing();
  observer.started();
  observer.started();
  assert.deepEqual(await series('token_reviews_in_flight'), ['authbroker_token_reviews_in_flight 2']);
  observer.ended();
  observer.ended();
  assert.deepEqual(await series('token_reviews_in_flight'), ['authbroker_token_reviews_in_flight 0']);
});
