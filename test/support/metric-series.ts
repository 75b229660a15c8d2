// Which metric series moved, so that a journey can demand exactly those.

import { METRIC_PREFIX } from '../../src/telemetry/metric-table.ts';

/** Series without the prefix, labels sorted by name, and by how much each moved. */
export type Moves = Readonly<Record<string, number>>;
export type Series = ReadonlyMap<string, number>;

const SERIES = /^(\w+)(?:\{(.*)\})? (\S+)$/gm;
/** How long something took is no part of what happened; that it was measured shows in `_count`. */
const TIMINGS = /_(?:bucket|sum)$/;
const TIMES = /(?:timestamp|not_after)_seconds$/;

/** The broker's own series of a scrape; those of the Node process are left out. */
export function readSeries(scrape: string): Series {
  const all = [...scrape.matchAll(SERIES)].map(([, name = '', labels = '', value = '']) => ({ name, labels, value }));
  const own = all.filter(({ name }) => name.startsWith(METRIC_PREFIX) && !TIMINGS.test(name));
  return new Map(own.map(({ name, labels, value }) => [seriesName(name, labels), Number(value)]));
}

/** A series that is there for the first time has moved, by 0 perhaps; a point in time that changed has moved by 1. */
export function movesBetween(before: Series, after: Series): Moves {
  const moved = [...after].filter(([name, value]) => before.get(name) !== value);
  return Object.fromEntries(
    moved.map(([name, value]) => [name, TIMES.test(name) ? 1 : value - (before.get(name) ?? 0)]),
  );
}

/** What reviews did, in few words; see {@link movesOf}. */
export interface Movement {
  /** `/authenticate authenticated ok`, the endpoint left out when it is that one: how many. */
  readonly reviews?: Moves;
  /** `hit`, `miss`, `shared`, `stale`: how many. */
  readonly cache?: Moves;
  /** How many more verdicts are remembered. */
  readonly entries?: number;
  /** `<provider> <verdict> <reason>`: how many. */
  readonly providers?: Moves;
  /** By how much each provider's `up` moved; 0 when it is down from the first review on. */
  readonly up?: Moves;
  /** Everything else, as it is called. */
  readonly others?: Moves;
}

/** Exactly the series that such reviews move. */
export function movesOf({ reviews = {}, cache = {}, entries, providers = {}, up = {}, others = {} }: Movement): Moves {
  const moves: Record<string, number> = { ...others };
  const add = (name: string, by: number): void => {
    moves[name] = (moves[name] ?? 0) + by;
  };
  for (const [words, count] of Object.entries(reviews)) {
    const [reason, verdict, endpoint = '/authenticate'] = words.split(' ').toReversed();
    add(`token_reviews_total{endpoint="${endpoint}",reason="${reason}",verdict="${verdict}"}`, count);
    add(`token_review_duration_seconds_count{endpoint="${endpoint}",verdict="${verdict}"}`, count);
  }
  for (const [words, count] of Object.entries(providers)) {
    const [provider, verdict, reason] = words.split(' ');
    add(`provider_requests_total{provider="${provider}",reason="${reason}",verdict="${verdict}"}`, count);
    add(`provider_request_duration_seconds_count{provider="${provider}",verdict="${verdict}"}`, count);
  }
  for (const [result, count] of Object.entries(cache)) add(`cache_requests_total{result="${result}"}`, count);
  for (const [provider, by] of Object.entries(up)) add(`provider_up{provider="${provider}"}`, by);
  if (entries !== undefined) add('cache_entries', entries);
  return moves;
}

function seriesName(name: string, labels: string): string {
  const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).toSorted();
  return name.slice(METRIC_PREFIX.length) + (sorted.length === 0 ? '' : `{${sorted.join()}}`);
}
