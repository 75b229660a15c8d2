// The sections `cache` and `limits`: how long and how much, each with its range.

import { z } from 'zod';
import { OR_EMPTY } from './empty-sections.ts';
import type { Fields } from './field-types.ts';

const DAY_MS = 24 * 3_600_000;

/** `cache{authenticatedTTL,rejectedTTL,staleOnUnavailable,maxEntries,maxBytes}`. */
export function cacheField(fields: Fields) {
  const ttl = fields.duration({ maxMs: DAY_MS });
  const block = fields.object({
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
  return block.transform(({ authenticatedTTL, rejectedTTL, staleOnUnavailable, ...bounds }) => ({
    authenticatedTTLMs: authenticatedTTL,
    rejectedTTLMs: rejectedTTL,
    staleOnUnavailableMs: staleOnUnavailable,
    ...bounds,
  }));
}

/** `limits{tokenBytes,bodyBytes,reviewTimeout,concurrentReviews,failedPasswords}`. */
export function limitsField(fields: Fields) {
  const block = fields.object({
    tokenBytes: fields
      .bytes({ min: 64, max: 1024 ** 2 })
      .prefault('16KiB')
      .describe('The longest token that is looked at: 64 to 1MiB, default 16KiB.'),
    bodyBytes: fields
      .bytes({ min: 1024, max: 8 * 1024 ** 2 })
      .prefault('128KiB')
      .describe('The longest request that is read: 1KiB to 8MiB, default 128KiB.'),
    reviewTimeout: fields
      .duration({ minMs: 50, maxMs: 4500 })
      .prefault('4500ms')
      .describe(
        'One review, all providers; kept below 5s so that every review is answered in time: 50ms to 4500ms, default 4500ms.',
      ),
    concurrentReviews: z
      .int()
      .min(1)
      .max(100_000)
      .default(2048)
      .describe('Lookups in flight or waiting; more are unavailable at once: 1 to 100000, default 2048.'),
    failedPasswords: failedPasswordsField(fields)
      .meta(OR_EMPTY)
      .prefault({})
      .describe('Per username and provider; keep max below the lockout threshold of the directory.'),
  });
  return block.transform(({ reviewTimeout, ...bounds }) => ({ ...bounds, reviewTimeoutMs: reviewTimeout }));
}

function failedPasswordsField(fields: Fields) {
  const block = fields.object({
    max: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5)
      .describe(
        'Wrong passwords within the window: 1 to 1000000, default 5. Counting ends at 255 for each tenth of the window, so a max above 2805 is never reached: it turns the limit off.',
      ),
    window: fields
      .duration({ minMs: 1000, maxMs: DAY_MS })
      .prefault('5m')
      .describe('How long a wrong password counts: 1s to 24h, default 5m.'),
  });
  return block.transform(({ max, window }) => ({ max, windowMs: window }));
}
