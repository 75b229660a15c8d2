// The did-you-mean of configuration errors.

/** Thousands of faults beside thousands of names would otherwise be compared each with each. */
const MAX_CANDIDATES = 100;

/** The candidate closest to `word`, when it is close enough to have been meant (a third of its letters, at least one). */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const close = candidates
    .slice(0, MAX_CANDIDATES)
    .filter((candidate) => Math.abs(candidate.length - word.length) <= reach(candidate))
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance: edits }) => edits <= reach(candidate))
    .toSorted((a, b) => a.distance - b.distance);
  return close[0]?.candidate;
}

/** How many edits a word may be away. */
function reach(candidate: string): number {
  return Math.max(1, Math.floor(candidate.length / 3));
}

/** ` (did you mean "x"?)`, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = suggest(word, candidates);
  return candidate === undefined ? '' : ` (did you mean "${candidate}"?)`;
}

/** Levenshtein distance with adjacent swaps counted once. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;
