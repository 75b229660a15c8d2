// What the broker remembers as an OpenID provider: requests under way, codes, refresh tokens and whom they stand for; bounded, and all of it ends.

import { LRUCache } from 'lru-cache';

export type Payload = Readonly<Record<string, unknown>>;

export interface OpenidState {
  put(kind: string, id: string, payload: Payload, ttlMs: number): void;
  find(kind: string, id: string): Payload | undefined;
  remove(kind: string, id: string): void;
  /** False when it was consumed before: of two who come at the same time one is the first. */
  consume(kind: string, id: string, atMs: number): boolean;
  /** Everything that was put with this `grantId` goes. */
  revokeGrant(grantId: string): void;
  /** How many user codes that nobody has were tried from this address in the last quarter of an hour, or one more. */
  wrongCodes(address: string): number;
  wrongCode(address: string): void;
  /** True when the same was asked for less than so long ago. */
  isTooSoon(id: string, intervalMs: number): boolean;
}

/**
 * Two shelves: anybody can begin a sign-in or ask for a device code, and must not be able to crowd out the codes and refresh
 * tokens of those who have signed in.
 */
const MOST = { begun: 5000, signedIn: 50_000 } as const;
const WINDOW_MS = 15 * 60_000;
const BEGUN: ReadonlySet<string> = new Set(['Session', 'Interaction', 'DeviceCode', 'UserCode']);

const nameOf = (kind: string, id: string): string => `${kind} ${id}`;

/** For the life of the process: a reload signs nobody out. */
export function openidState(): OpenidState {
  const begun = new LRUCache<string, Payload>({ max: MOST.begun });
  const signedIn = new LRUCache<string, Payload>({ max: MOST.signedIn });
  const shelf = (kind: string): LRUCache<string, Payload> => (BEGUN.has(kind) ? begun : signedIn);
  const wrong = new LRUCache<string, number>({ max: MOST.begun, ttl: WINDOW_MS });
  const polls = new LRUCache<string, true>({ max: MOST.begun });
  return {
    put: (kind, id, payload, ttlMs) => {
      shelf(kind).set(nameOf(kind, id), payload, { ttl: Math.max(1, ttlMs) });
    },
    find: (kind, id) => shelf(kind).get(nameOf(kind, id)),
    remove: (kind, id) => void shelf(kind).delete(nameOf(kind, id)),
    consume: (kind, id, atMs) => {
      const payload = shelf(kind).get(nameOf(kind, id));
      if (payload === undefined || payload['consumed'] !== undefined) return false;
      const consumed = { ...payload, consumed: Math.floor(atMs / 1000) };
      shelf(kind).set(nameOf(kind, id), consumed, { ttl: shelf(kind).getRemainingTTL(nameOf(kind, id)) });
      return true;
    },
    wrongCodes: (address) => wrong.get(address) ?? 0,
    wrongCode: (address) => void wrong.set(address, (wrong.get(address) ?? 0) + 1),
    isTooSoon: (id, intervalMs) => {
      const isSoon = polls.has(id);
      polls.set(id, true, { ttl: intervalMs });
      return isSoon;
    },
    revokeGrant: (grantId) => {
      for (const all of [begun, signedIn]) {
        for (const [name, payload] of all.entries()) {
          if (payload['grantId'] === grantId || name === nameOf('Grant', grantId)) all.delete(name);
        }
      }
    },
  };
}
