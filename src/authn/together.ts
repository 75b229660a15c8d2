// What of the chain several brokers do together, where they share a store.

import type { Seams } from '../core/seams.ts';
import type { SharedStore } from '../stores/shared.ts';
import { type SharedFailures, sharedFailures } from '../stores/shared-failures.ts';
import { sharedVerdicts } from '../stores/shared-verdicts.ts';
import { type Elsewhere, elsewhere } from './elsewhere.ts';

interface Together extends Pick<Seams, 'clock' | 'randomBytes'> {
  readonly shared?: SharedStore | undefined;
}

/** Absent where brokers share no verdicts. */
export function othersOf(cache: Parameters<typeof elsewhere>[1], { shared, clock }: Together): Elsewhere | undefined {
  if (shared?.settings.verdicts !== true) return undefined;
  const { ask, sealer, settings } = shared;
  return elsewhere(sharedVerdicts({ ask, sealer, clock, keyPrefix: settings.keyPrefix }), cache, clock);
}

/** Absent where each broker counts failed passwords for itself. */
export function failuresOf(
  accounts: string,
  windowMs: number,
  { shared, clock, randomBytes }: Together,
): SharedFailures | undefined {
  if (shared === undefined) return undefined;
  const { ask, sealer, settings } = shared;
  return sharedFailures({ ask, sealer, clock, randomBytes, keyPrefix: settings.keyPrefix, windowMs, accounts });
}
