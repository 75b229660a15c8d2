// The sums of our TTL and kube-apiserver's caches.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  authenticatedFor,
  authenticatedWords,
  issuedLifetime,
  refusedWords,
  rememberedFor,
} from '../../src/cli/remembered.ts';
import { abstained, authenticated, rejected, unavailable } from '../../src/core/verdict.ts';

const cache = {
  authenticatedTTLMs: 60_000,
  rejectedTTLMs: 10_000,
  staleOnUnavailableMs: 0,
  maxEntries: 10,
  maxBytes: 1024,
};
const NOW_MS = 1_000_000;

const rows = [
  { name: 'a user who was let in', given: authenticated(1), byForm: false, want: [60_000, 130_000, 190_000] },
  {
    name: 'a credential that ends sooner',
    given: authenticated(1, NOW_MS + 20_500),
    byForm: false,
    want: [20_500, 130_000, 150_500],
  },
  {
    name: 'a credential that has just ended',
    given: authenticated(1, NOW_MS - 1),
    byForm: false,
    want: [0, 130_000, 130_000],
  },
  { name: 'a refusal', given: rejected('wrong-password'), byForm: false, want: [10_000, 120_000, 130_000] },
  { name: 'nobody who knows it', given: abstained('unknown-user'), byForm: false, want: [10_000, 120_000, 130_000] },
  { name: 'a token refused by its form', given: rejected('empty-token'), byForm: true, want: [0, 120_000, 120_000] },
  { name: 'an outage', given: unavailable('timeout'), byForm: false, want: [0, 0, 0] },
];

for (const { name, given, byForm, want } of rows) {
  void test(`${name}: here ${want[0]} ms, at most ${want[2]} ms`, () => {
    const [hereMs, kubeAPIServerMs, atMostMs] = want;
    assert.deepEqual(rememberedFor(given, { cache, nowMs: NOW_MS, byForm }), { hereMs, kubeAPIServerMs, atMostMs });
  });
}

const HOUR_MS = 3_600_000;

void test('where issued tokens are taken, the longest life of one is added', () => {
  const known = { cache, nowMs: NOW_MS, byForm: false, issuedMs: 24 * HOUR_MS };
  const want = { hereMs: 60_000, issuedMs: 24 * HOUR_MS, kubeAPIServerMs: 130_000, atMostMs: 24 * HOUR_MS + 190_000 };
  assert.deepEqual(rememberedFor(authenticated(1), known), want);
  assert.match(authenticatedWords(want), /^24h3m10s \(24h of an issued token \+ 1m here \+ 2m at/);
});

void test('an issued token is remembered nowhere here, and counts until it ends', () => {
  const known = { cache, nowMs: NOW_MS, byForm: false, issuedMs: 24 * HOUR_MS };
  const verdict = { ...authenticated(1, NOW_MS + HOUR_MS), isVolatile: true } as const;
  const want = { hereMs: 0, issuedMs: HOUR_MS, kubeAPIServerMs: 130_000, atMostMs: HOUR_MS + 130_000 };
  assert.deepEqual(rememberedFor(verdict, known), want);
});

void describe('issued tokens are taken', () => {
  const issuer = { lifetime: { maxMs: HOUR_MS } };
  const providers = [
    { name: 'people', type: 'users' },
    { name: 'tokens', type: 'issued' },
  ];
  const endpoints = [
    { name: 'where an endpoint lists their provider', given: ['people', 'tokens'], want: HOUR_MS },
    { name: 'and not where it lists others alone', given: ['people'], want: undefined },
  ];
  for (const { name, given, want } of endpoints) {
    // oxlint-disable-next-line no-unsafe-type-assertion -- the parts of a configuration that count here
    const config = { issuer, providers } as unknown as Parameters<typeof issuedLifetime>[0];
    void test(name, () => assert.equal(issuedLifetime(config, [{ providers: given }]), want));
  }
});

void test('the words name every part of the sum', () => {
  assert.equal(authenticatedWords(authenticatedFor(cache)), '3m10s (1m here + 2m at kube-apiserver by default + 10s)');
  const off = { ...cache, authenticatedTTLMs: 0 };
  assert.equal(authenticatedWords(authenticatedFor(off)), '2m10s (0s here + 2m at kube-apiserver by default + 10s)');
  const refusal = rememberedFor(rejected('wrong-password'), { cache, nowMs: 0, byForm: false });
  assert.equal(refusedWords(refusal), '2m10s (10s here + 2m at kube-apiserver by default)');
});
