// A map that forgets: each entry after its time, and the oldest first where there is no room.

export interface ExpiringMap<V> {
  get(key: string): V | undefined;
  /** As new: what was under this key is replaced, and becomes the last to be pushed out. Below one millisecond: not kept. */
  set(key: string, value: V, ttlMs: number): void;
  delete(key: string): void;
  /** Entries whose time is not over. */
  readonly size: number;
}

interface Entry<V> {
  readonly value: V;
  readonly untilMs: number;
}

/** Ordered by when an entry was set, so that pushing out and expiring both begin at the front. */
export function expiringMap<V>(maxEntries: number, monotonicMs: () => number): ExpiringMap<V> {
  const entries = new Map<string, Entry<V>>();
  const leave = (): void => {
    const nowMs = monotonicMs();
    for (const [key, { untilMs }] of entries) {
      if (untilMs > nowMs && entries.size <= maxEntries) return;
      entries.delete(key);
    }
  };
  return {
    get: (key) => {
      const entry = entries.get(key);
      return entry !== undefined && monotonicMs() < entry.untilMs ? entry.value : undefined;
    },
    set: (key, value, ttlMs) => {
      entries.delete(key);
      if (ttlMs >= 1) entries.set(key, { value, untilMs: monotonicMs() + ttlMs });
      leave();
    },
    delete: (key) => void entries.delete(key),
    get size() {
      leave();
      return entries.size;
    },
  };
}
