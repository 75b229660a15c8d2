// The few numbers that a noisy machine leaves meaning in.

/** NaN when there is none. */
export function median(values: readonly number[]): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

/** The value that this share of `sorted` does not exceed, by nearest rank; NaN when there is none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * Between which the median lies with 95 % certainty, by ranks alone (the sign test turned round); of fewer than six values
 * that is not known, and their extremes are given.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const count = sorted.length;
  const cut = count < 6 ? 0 : Math.max(0, Math.floor((count - 1.96 * Math.sqrt(count)) / 2));
  return [sorted[cut] ?? Number.NaN, sorted[count - 1 - cut] ?? Number.NaN];
}
