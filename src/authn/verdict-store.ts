// Where final verdicts are remembered: good and bad ones apart, outages never.

import type { Fingerprint } from '../core/fingerprint.ts';
import type { Decision } from '../core/identity.ts';
import type { Clock } from '../core/seams.ts';
import type { Authenticated, Unavailable, Verdict } from '../core/verdict.ts';
import { type ExpiringMap, expiringMap } from './expiring-map.ts';
import { type PackedVerdict, unpacked } from './packed-verdict.ts';
import { groupSharing, REFUSED_BYTES } from './verdict-weight.ts';

export interface StoreSettings {
  readonly authenticatedTTLMs: number;
  readonly rejectedTTLMs: number;
  /** How long past its TTL an authenticated verdict may serve while its owner is unavailable. */
  readonly staleOnUnavailableMs: number;
  /** Of each map: authenticated, and refused. */
  readonly maxEntries: number;
  /** Of both together. */
  readonly maxBytes: number;
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
  /** Forgets everything: the store is used no more. */
  clear(): void;
  readonly size: number;
  readonly bytes: number;
}

interface Remembered {
  readonly verdict: PackedVerdict;
  readonly freshUntilMs: number;
}

/** A flood of garbage fills the refused map only: it pushes out refusals, never a good entry. */
export function verdictStore(settings: StoreSettings, clock: Clock): VerdictStore {
  const monotonicMs = (): number => clock.monotonicMs();
  const good = expiringMap<Remembered>(settings.maxEntries, monotonicMs);
  const bad = expiringMap<Verdict<Decision>>(settings.maxEntries, monotonicMs);
  const share = groupSharing();
  const sweeping = sweeper([good, bad]);
  const isOver = (): boolean => good.bytes + bad.bytes > settings.maxBytes;
  const rememberGood = (key: Fingerprint, given: Authenticated<Decision>): void => {
    const { freshMs, keepMs } = timesOf(given, settings, clock);
    const { verdict, bytes } = share(given);
    bad.delete(key);
    good.set(key, { verdict, freshUntilMs: Math.floor(monotonicMs() + freshMs) }, keepMs, bytes);
    while (isOver() && (bad.pushOut() || good.pushOut()));
  };
  return {
    recall: (key) => freshVerdict(good, key, monotonicMs()) ?? bad.get(key),
    remember: (key, verdict) => {
      sweeping.begin();
      if (verdict.kind === 'authenticated') return rememberGood(key, verdict);
      // A refusal ends what was known good before: it must never be served stale afterwards.
      good.delete(key);
      bad.set(key, verdict, settings.rejectedTTLMs, REFUSED_BYTES);
      while (isOver() && bad.pushOut());
    },
    stale: (key, outage) => staleVerdict(good, key, outage),
    clear: () => {
      sweeping.end();
      good.clear();
      bad.clear();
    },
    get size() {
      return good.size + bad.size;
    },
    get bytes() {
      return good.bytes + bad.bytes;
    },
  };
}

function freshVerdict(
  good: ExpiringMap<Remembered>,
  key: Fingerprint,
  nowMs: number,
): Authenticated<Decision> | undefined {
  const remembered = good.get(key);
  if (remembered === undefined) return undefined;
  if (isWithdrawn(remembered)) good.delete(key);
  else if (nowMs < remembered.freshUntilMs) return unpacked(remembered.verdict);
  return undefined;
}

function staleVerdict(
  good: ExpiringMap<Remembered>,
  key: Fingerprint,
  { providers, down = [] }: Unavailable,
): Authenticated<Decision> | undefined {
  const remembered = good.get(key);
  if (remembered === undefined || providers === undefined) return undefined;
  const { verdict } = remembered;
  const owner = verdict.by ?? '';
  if (isWithdrawn(remembered) || !providers.includes(owner)) {
    good.delete(key);
    return undefined;
  }
  return down.includes(owner) ? unpacked(verdict) : undefined;
}

/** Never past the end of the credential; nothing is kept for which that is not a time. */
function timesOf({ expiresAt }: Authenticated<Decision>, settings: StoreSettings, clock: Clock) {
  const lifeMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt - clock.now();
  const keepMs = Math.floor(Math.min(settings.authenticatedTTLMs + settings.staleOnUnavailableMs, lifeMs));
  return { freshMs: Math.min(settings.authenticatedTTLMs, lifeMs), keepMs };
}

function isWithdrawn({ verdict: { proof } }: Remembered): boolean {
  return proof?.isWithdrawn === true;
}

const SWEEP_EVERY_MS = 10_000;

/** Lets expired verdicts leave although nothing is remembered any more; a timer only while there is something. */
function sweeper(maps: readonly ExpiringMap<unknown>[]): { begin(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer ??= setTimeout(sweep, SWEEP_EVERY_MS).unref();
  };
  const sweep = (): void => {
    timer = undefined;
    for (const map of maps) map.expire();
    if (maps.some(({ size }) => size > 0)) begin();
  };
  return { begin, end: () => clearTimeout(timer) };
}
