// The section `limits`: what one review, and all together, may take.

import { z } from 'zod';
import type { Fields } from './provider-module.ts';
import { type Section, section } from './section.ts';

/** `limits{tokenBytes,bodyBytes,reviewTimeout,concurrentReviews,failedPasswords}`. */
export function limitsField(fields: Fields) {
  return fields.object({
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
    failedPasswords: section(failedPasswordsField(fields)).describe(
      'Per name, account and upstream; keep (max + 1) × brokers below the lockout threshold of the directory.',
    ),
  });
}

function failedPasswordsField(fields: Fields) {
  return fields.object({
    max: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5)
      .describe(
        'Wrong passwords within the window: 1 to 1000000, default 5. Counting ends at 255 for each tenth of the window, so a max above 2805 is never reached: it turns the limit off.',
      ),
    window: fields
      .duration({ minMs: 1000, maxMs: 24 * 3_600_000 })
      .prefault('5m')
      .describe('How long a wrong password counts: 1s to 24h, default 5m.'),
  });
}

type Written = z.output<ReturnType<typeof limitsField>>;
export type LimitsSettings = ReturnType<typeof limitsSection>['settings'];

export function limitsSection({ reviewTimeout, failedPasswords: { max, window }, ...bounds }: Written) {
  return {
    settings: { ...bounds, reviewTimeoutMs: reviewTimeout, failedPasswords: { max, windowMs: window } },
    warnings: [],
  } satisfies Section<object>;
}
