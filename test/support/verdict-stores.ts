// A store of remembered verdicts with a clock that a test moves, and the settings of most of its tests.

import { type StoreSettings, type VerdictStore, verdictStore } from '../../src/authn/verdict-store.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

const SETTINGS: StoreSettings = {
  authenticatedTTLMs: 60_000,
  rejectedTTLMs: 10_000,
  staleOnUnavailableMs: 0,
  maxEntries: 100,
  maxBytes: 2 ** 26,
};

export function storeOf(change: Partial<StoreSettings> = {}): { store: VerdictStore; clock: FakeClock } {
  const clock = fakeClock();
  return { store: verdictStore({ ...SETTINGS, ...change }, clock), clock };
}
