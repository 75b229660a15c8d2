// Verdicts that other brokers have reached: found in the store that they share, for as long as this broker would keep its own.

import type { StoreWait } from '../core/authenticator.ts';
import type { Fingerprint } from '../core/fingerprint.ts';
import type { Clock } from '../core/seams.ts';
import type { Final, SharedVerdicts } from '../stores/shared-verdicts.ts';

export interface Elsewhere {
  /** Fresh; it ends with its time at the broker that reached it. Never rejects. */
  find(fingerprint: Fingerprint, wait?: StoreWait): Promise<Final | undefined>;
  keep(fingerprint: Fingerprint, verdict: Final): void;
}

export interface ElsewhereTTLs {
  readonly authenticatedTTLMs: number;
  readonly rejectedTTLMs: number;
}

/** Neither side remembers longer than its own configuration says. */
export function elsewhere(shared: SharedVerdicts, ttls: ElsewhereTTLs, clock: Pick<Clock, 'now'>): Elsewhere {
  const ttlOf = ({ kind }: Final): number => (kind === 'authenticated' ? ttls.authenticatedTTLMs : ttls.rejectedTTLMs);
  return {
    find: async (fingerprint, wait) => {
      const kept = await shared.find(fingerprint, wait);
      if (kept === undefined) return undefined;
      const { verdict } = kept;
      const until = Math.min(kept.freshUntil, clock.now() + ttlOf(verdict));
      if (until <= clock.now()) return undefined;
      // It never serves stale: who withdraws it cannot reach the copy at this broker.
      return verdict.kind === 'authenticated' ? { ...verdict, expiresAt: until } : verdict;
    },
    keep: (fingerprint, verdict) => {
      const freshUntil = clock.now() + ttlOf(verdict);
      if (verdict.kind !== 'authenticated') return shared.keep(fingerprint, { verdict, freshUntil });
      const { proof: _proof, ...stated } = verdict;
      const ends = Math.min(freshUntil, verdict.expiresAt ?? freshUntil);
      shared.keep(fingerprint, { verdict: stated, freshUntil: ends });
    },
  };
}
