// A map that forgets: each entry after its time, and the oldest first where there is no room.

export interface ExpiringMap<V> {
  get(key: string): V | undefined;
  /** As new: what was under this key is replaced, and becomes the last to be pushed out. Below one millisecond: not kept. */
  set(key: string, value: V, ttlMs: number, bytes?: number): void;
  delete(key: string): void;
  /** Pushes out the oldest entry; false when there is none. */
  pushOut(): boolean;
  /** Forgets what is at its end; entries behind one that lives longer leave with it at the latest. */
  expire(): void;
  clear(): void;
  /** Of what is kept: entries, and the bytes that were told of them. */
  readonly size: number;
  readonly bytes: number;
}

interface Entry<V> {
  readonly value: V;
  readonly untilMs: number;
  readonly bytes: number;
}

/** Ordered by when an entry was set, so that pushing out and expiring both begin at the front. */
export function expiringMap<V>(maxEntries: number, monotonicMs: () => number): ExpiringMap<V> {
  const entries = weighedEntries<V>();
  const leave = (): void => {
    const nowMs = monotonicMs();
    for (const [key, { untilMs }] of entries.map) {
      if (untilMs > nowMs && entries.map.size <= maxEntries) return;
      entries.drop(key);
    }
  };
  return {
    get: (key) => {
      const entry = entries.map.get(key);
      return entry !== undefined && monotonicMs() < entry.untilMs ? entry.value : undefined;
    },
    set: (key, value, ttlMs, bytes = 0) => {
      entries.drop(key);
      // A whole number takes no object of its own.
      if (ttlMs >= 1) entries.add(key, { value, untilMs: Math.floor(monotonicMs() + ttlMs), bytes });
      leave();
    },
    delete: entries.drop,
    pushOut: () => {
      const [oldest] = entries.map.keys();
      if (oldest !== undefined) entries.drop(oldest);
      return oldest !== undefined;
    },
    expire: leave,
    clear: entries.clear,
    get size() {
      leave();
      return entries.map.size;
    },
    get bytes() {
      return entries.bytes();
    },
  };
}

/** The entries, and the sum of their bytes. */
function weighedEntries<V>() {
  const map = new Map<string, Entry<V>>();
  let total = 0;
  return {
    map,
    bytes: () => total,
    add: (key: string, entry: Entry<V>): void => {
      map.set(key, entry);
      total += entry.bytes;
    },
    drop: (key: string): void => {
      total -= map.get(key)?.bytes ?? 0;
      map.delete(key);
    },
    clear: (): void => {
      map.clear();
      total = 0;
    },
  };
}
