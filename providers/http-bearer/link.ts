// The next page of a list, as a Link header names it (RFC 8288).

/**
 * The target of the first link whose `rel` has `next`; undefined when there is none; false for a header that is no list of links.
 * Reads each character once: the header comes from elsewhere.
 */
export function nextLink(header: string | readonly string[] | undefined): string | false | undefined {
  const scan: Scan = { text: [header ?? []].flat().join(', '), at: 0 };
  for (skip(scan, /[\s,]*/y); scan.at < scan.text.length; skip(scan, /[\s,]*/y)) {
    const target = take(scan, /<([^<>]*)>/y);
    const relations = target === undefined ? undefined : relationsAt(scan);
    if (relations === undefined) return false;
    if (relations.includes('next')) return target;
  }
  return undefined;
}

interface Scan {
  readonly text: string;
  at: number;
}

/** Moves behind a match at this very place and gives its first group; undefined: there is none. */
function take(scan: Scan, pattern: RegExp): string | undefined {
  pattern.lastIndex = scan.at;
  const found = pattern.exec(scan.text);
  if (found === null) return undefined;
  scan.at += found[0].length;
  return found[1] ?? '';
}

/** For patterns that match nothing too. */
const skip = (scan: Scan, pattern: RegExp): void => void take(scan, pattern);

const NAME = /;\s*([^\s=;,"<>]+)\s*/y;
const VALUE = /=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)/y;

/** The parameters up to the next link; of several `rel` the first counts (RFC 8288 §3.3). Undefined: they are none. */
function relationsAt(scan: Scan): readonly string[] | undefined {
  let relations: readonly string[] | undefined;
  for (skip(scan, /\s*/y); scan.at < scan.text.length && scan.text[scan.at] !== ','; skip(scan, /\s*/y)) {
    const name = take(scan, NAME);
    if (name === undefined) return undefined;
    const value = scan.text[scan.at] === '=' ? take(scan, VALUE) : '';
    if (value === undefined) return undefined;
    if (name.toLowerCase() === 'rel') relations ??= value.replaceAll('"', '').toLowerCase().split(/\s+/);
  }
  return relations ?? [];
}
