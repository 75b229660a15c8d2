// Counts failures per name or account in constant memory: spraying other names can neither evict a counter nor grow it.

/** Takes an opaque, unpredictable key (a fingerprint) per name or account. */
export interface FailureCounts {
  /** Failures of this key within the window; over-counts on a collision of two keys, and does not under-count without one. */
  count(key: string): number;
  /** Counts one failure and returns how to take it back. */
  add(key: string): () => void;
  /** Forgets the failures of this key. */
  clear(key: string): void;
}

const STEPS = 10;
/** One more than the window has, because the newest slice has only begun. */
const SLICES = STEPS + 1;
const ROWS = 3;
const CELLS = 1 << 18;
const COUNTERS = ROWS * CELLS;

/**
 * Three rows of counters for each of eleven time slices, made with its first failure (0.75 MiB). A key counts as the smallest
 * of its three cells, so two names would have to meet in every row to be taken for one another. So wide, because a guesser
 * who goes through 100,000 names would otherwise use up the budget of a third of all people who log in for the first time.
 * The window slides by a tenth of its length: a failure counts for the whole window, and at most a tenth longer.
 */
export function failureCounts(windowMs: number, monotonicMs: () => number): FailureCounts {
  const slices: (Uint8Array | undefined)[] = Array.from({ length: SLICES });
  const sliceMs = windowMs / STEPS;
  let newest = Math.floor(monotonicMs() / sliceMs);
  const advance = (): void => {
    const now = Math.floor(monotonicMs() / sliceMs);
    if (now - newest > SLICES) newest = now - SLICES;
    while (newest < now) {
      newest += 1;
      slices[newest % SLICES] = undefined;
    }
  };
  const sum = (cell: number): number => slices.reduce((total, counters) => total + (counters?.[cell] ?? 0), 0);
  return {
    count: (key) => {
      advance();
      return Math.min(...cellsOf(key).map(sum));
    },
    add: (key) => {
      advance();
      const counters = (slices[newest % SLICES] ??= new Uint8Array(COUNTERS));
      const at = newest;
      const cells = cellsOf(key);
      for (const cell of cells) increment(counters, cell);
      return () => {
        advance();
        // The ring has reused this slice for a later period: there is nothing of this failure left in it.
        if (newest - at >= SLICES) return;
        for (const cell of cells) decrement(counters, cell);
      };
    },
    clear: (key) => {
      advance();
      const cells = cellsOf(key);
      const failures = Math.min(...cells.map(sum));
      for (const cell of cells) subtract(slices, cell, failures);
    },
  };
}

/** One cell in each row, from the first twelve bytes of the fingerprint. */
function cellsOf(key: string): readonly number[] {
  const bytes = Buffer.from(key.slice(0, 16), 'base64url');
  return Array.from({ length: ROWS }, (_, row) => row * CELLS + (bytes.readUInt32BE(row * 4) % CELLS));
}

function increment(counters: Uint8Array, cell: number): void {
  const value = counters[cell] ?? 0;
  if (value < 255) counters[cell] = value + 1;
}

function decrement(counters: Uint8Array, cell: number): void {
  const value = counters[cell] ?? 0;
  if (value > 0) counters[cell] = value - 1;
}

function subtract(slices: readonly (Uint8Array | undefined)[], cell: number, failures: number): void {
  let left = failures;
  for (const counters of slices) {
    if (counters === undefined) continue;
    const taken = Math.min(left, counters[cell] ?? 0);
    counters[cell] = (counters[cell] ?? 0) - taken;
    left -= taken;
  }
}
