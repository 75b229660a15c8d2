// The section `cache`: how long verdicts are remembered, and how many.

import { z } from 'zod';
import { formatDuration } from '../text/duration.ts';
import type { Fields } from './provider-module.ts';
import type { Section } from './section.ts';

const DAY_MS = 24 * 3_600_000;

/** `cache{authenticatedTTL,rejectedTTL,staleOnUnavailable,maxEntries,maxBytes}`. */
export function cacheField(fields: Fields) {
  const ttl = fields.duration({ maxMs: DAY_MS });
  return fields.object({
    authenticatedTTL: ttl.prefault('60s').describe('0 turns it off. 0 to 24h, default 60s.'),
    rejectedTTL: ttl.prefault('10s').describe('0 turns it off. 0 to 24h, default 10s.'),
    staleOnUnavailable: ttl
      .prefault('0s')
      .describe(
        'How long past its TTL an authenticated verdict may serve while its owner is unavailable. 0 to 24h, default 0s.',
      ),
    maxEntries: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Of each kind, good and refused: 1 to 1000000, default 10000.'),
    maxBytes: fields
      .bytes({ min: 1024 ** 2, max: 64 * 1024 ** 3 })
      .prefault('64MiB')
      .describe('Of both kinds together: 1MiB to 64GiB, default 64MiB.'),
  });
}

type Written = z.output<ReturnType<typeof cacheField>>;
export type CacheSettings = ReturnType<typeof cacheSection>['settings'];

export function cacheSection({ authenticatedTTL, rejectedTTL, staleOnUnavailable, ...bounds }: Written) {
  const most = formatDuration(authenticatedTTL + staleOnUnavailable);
  const stale = `cache.staleOnUnavailable: during an outage a removed user may still be let in, up to ${most} after the last check`;
  return {
    settings: {
      authenticatedTTLMs: authenticatedTTL,
      rejectedTTLMs: rejectedTTL,
      staleOnUnavailableMs: staleOnUnavailable,
      ...bounds,
    },
    warnings: staleOnUnavailable === 0 ? [] : [stale],
  } satisfies Section<object>;
}
