// Where final verdicts are remembered: good and bad ones apart, outages never.

import { LRUCache } from 'lru-cache';
import type { Fingerprint } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import type { Clock } from '../core/seams.ts';
import type { Authenticated, Unavailable, Verdict } from '../core/verdict.ts';

export interface StoreSettings {
  readonly authenticatedTTLMs: number;
  readonly rejectedTTLMs: number;
  /** How long past its TTL an authenticated verdict may serve while its owner is unavailable. */
  readonly staleOnUnavailableMs: number;
  /** Of each map: authenticated, and refused. */
  readonly maxEntries: number;
}

export interface VerdictStore {
  /** The fresh verdict of this fingerprint. */
  recall(key: Fingerprint): Verdict<Decision> | undefined;
  remember(key: Fingerprint, verdict: Exclude<Verdict<Decision>, Unavailable>): void;
  /**
   * What may still serve although `outage` was the answer: only what a provider has authenticated whose upstream is down; a
   * budget, a queue or a limit is no outage of it. Where that provider answered while another was down, it did not
   * authenticate again, and what it said before is forgotten.
   */
  stale(key: Fingerprint, outage: Unavailable): Authenticated<Decision> | undefined;
  readonly size: number;
}

interface Remembered {
  readonly verdict: Authenticated<Decision>;
  readonly freshUntilMs: number;
  readonly keptUntilMs: number;
}

/** A flood of garbage fills the refused map only; it cannot evict a good entry. */
export function verdictStore(settings: StoreSettings, clock: Clock): VerdictStore {
  const perf = { now: () => clock.monotonicMs() };
  const good = new LRUCache<Fingerprint, Remembered>({ max: settings.maxEntries, ttlResolution: 0, perf });
  const bad = new LRUCache<Fingerprint, Verdict<Decision>>({ max: settings.maxEntries, ttlResolution: 0, perf });
  const rememberGood = (key: Fingerprint, verdict: Authenticated<Decision>): void => {
    const { freshMs, keepMs } = timesOf(verdict, settings, clock);
    bad.delete(key);
    const remembered = { verdict, freshUntilMs: perf.now() + freshMs, keptUntilMs: perf.now() + keepMs };
    // lru-cache reads a TTL of 0 or NaN as "for ever".
    if (keepMs >= 1) good.set(key, remembered, { ttl: keepMs });
    else good.delete(key);
  };
  return {
    recall: (key) => {
      const remembered = good.get(key);
      if (remembered === undefined) return bad.get(key);
      if (isWithdrawn(remembered)) good.delete(key);
      else if (perf.now() < remembered.freshUntilMs) return remembered.verdict;
      return bad.get(key);
    },
    remember: (key, verdict) => {
      if (verdict.kind === 'authenticated') return rememberGood(key, verdict);
      // A refusal ends what was known good before: it must never be served stale afterwards.
      good.delete(key);
      if (settings.rejectedTTLMs >= 1) bad.set(key, verdict, { ttl: settings.rejectedTTLMs });
    },
    stale: (key, { providers, down = [] }) => {
      const remembered = good.get(key);
      if (remembered === undefined || providers === undefined) return undefined;
      const { verdict, keptUntilMs } = remembered;
      const owner = verdict.by ?? '';
      if (isWithdrawn(remembered) || !providers.includes(owner)) {
        good.delete(key);
        return undefined;
      }
      // lru-cache still gives an entry out in the very millisecond in which its TTL ends.
      return down.includes(owner) && perf.now() < keptUntilMs ? verdict : undefined;
    },
    get size() {
      return good.size + bad.size;
    },
  };
}

/** Never past the end of the credential. */
function timesOf({ expiresAt }: Authenticated<Decision>, settings: StoreSettings, clock: Clock) {
  const lifeMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - clock.now();
  const keepMs = Math.floor(Math.min(settings.authenticatedTTLMs + settings.staleOnUnavailableMs, lifeMs));
  return { freshMs: Math.min(settings.authenticatedTTLMs, lifeMs), keepMs };
}

function isWithdrawn({ verdict: { proof } }: Remembered): boolean {
  return proof?.isWithdrawn === true;
}
