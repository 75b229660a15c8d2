// Search filters: read from text with placeholders (RFC 4515), filled in with values that stay values, written as BER.

import { ber } from './ber.ts';

/** Literal bytes, and the names of `{placeholders}`, in the order written. */
export type FilterValue = readonly (Buffer | string)[];

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'present'; readonly attribute: string }
  | { readonly kind: Comparing; readonly attribute: string; readonly value: FilterValue }
  /** `initial*any*final`: two pieces at least; the first and the last may be empty. */
  | { readonly kind: 'substrings'; readonly attribute: string; readonly pieces: readonly FilterValue[] }
  | ({ readonly kind: 'extensible'; readonly value: FilterValue } & MatchingRule);

export type Comparing = 'equal' | 'atLeast' | 'atMost' | 'approximate';

interface MatchingRule {
  readonly attribute: string | undefined;
  readonly rule: string | undefined;
  readonly dnAttributes: boolean;
}

/** What a placeholder stands for. None makes the comparison match nothing; several are tried one by one. */
export type ValuesOf = (placeholder: string) => readonly (string | Buffer)[];

/** Matches every entry. */
export const ANY_ENTRY: Buffer = ber(0x87, 'objectClass');

/** Matches what one of these filters matches. */
export function anyOf(filters: readonly Buffer[]): Buffer {
  const [first] = filters;
  return filters.length === 1 && first !== undefined ? first : ber(0xa1, ...filters);
}

/** The filter as it is sent (RFC 4511 §4.5.1.7), or undefined when it can match nothing because a value is missing. */
export function fillFilter(filter: Filter, valuesOf: ValuesOf): Buffer | undefined {
  return filled(filter, valuesOf, false);
}

/** Below a `not` a missing value makes the whole of it match nothing, or it would match everything. */
function filled(filter: Filter, valuesOf: ValuesOf, isNegated: boolean): Buffer | undefined {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.parts.map((part) => filled(part, valuesOf, isNegated));
      const known = parts.filter((part) => part !== undefined);
      const mayLack = filter.kind === 'or' && !isNegated && known.length > 0;
      if (known.length < parts.length && !mayLack) return undefined;
      return ber(filter.kind === 'and' ? 0xa0 : 0xa1, ...known);
    }
    case 'not': {
      const part = filled(filter.part, valuesOf, true);
      return part && ber(0xa2, part);
    }
    case 'present':
      return ber(0x87, filter.attribute);
    default:
      return filledComparison(filter, valuesOf);
  }
}

const COMPARING_TAGS: Readonly<Record<Comparing, number>> = {
  equal: 0xa3,
  atLeast: 0xa5,
  atMost: 0xa6,
  approximate: 0xa8,
};

function filledComparison(
  filter: Extract<Filter, { readonly kind: Comparing | 'substrings' | 'extensible' }>,
  valuesOf: ValuesOf,
): Buffer | undefined {
  const choicesOf = (part: Buffer | string): readonly Buffer[] =>
    typeof part === 'string' ? valuesOf(part).map((value) => Buffer.from(value)) : [part];
  const pieces = filter.kind === 'substrings' ? filter.pieces : [filter.value];
  const filledPieces = pieces.map((piece) => combinations(piece.map(choicesOf)).map((parts) => Buffer.concat(parts)));
  const all = combinations(filledPieces).map((values) => comparison(filter, values));
  return all.length === 0 ? undefined : anyOf(all);
}

function comparison(
  filter: Extract<Filter, { readonly kind: Comparing | 'substrings' | 'extensible' }>,
  values: readonly Buffer[],
): Buffer {
  const value = values[0] ?? Buffer.alloc(0);
  if (filter.kind === 'substrings') {
    const pieces = values.flatMap((piece, index) => {
      const tag = index === 0 ? 0x80 : index === values.length - 1 ? 0x82 : 0x81;
      return piece.length === 0 ? [] : [ber(tag, piece)];
    });
    return ber(0xa4, ber(0x04, filter.attribute), ber(0x30, ...pieces));
  }
  if (filter.kind !== 'extensible') {
    return ber(COMPARING_TAGS[filter.kind], ber(0x04, filter.attribute), ber(0x04, value));
  }
  const { rule, attribute, dnAttributes } = filter;
  return ber(
    0xa9,
    ...(rule === undefined ? [] : [ber(0x81, rule)]),
    ...(attribute === undefined ? [] : [ber(0x82, attribute)]),
    ber(0x83, value),
    // DEFAULT FALSE, and a default is never written (RFC 4511 §5.1): strict servers take it for no LDAP.
    ...(dnAttributes ? [ber(0x84, Buffer.from([0xff]))] : []),
  );
}

/** One of each list, in every way. */
function combinations(lists: readonly (readonly Buffer[])[]): readonly (readonly Buffer[])[] {
  return lists.reduce<readonly (readonly Buffer[])[]>(
    (chosen, list) => chosen.flatMap((before) => list.map((value) => [...before, value])),
    [[]],
  );
}

/** The same with every comparison that has a placeholder turned into `attribute=*`: what it could find, for one value or another. */
export function withAnyValue(filter: Filter): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, parts: filter.parts.map(withAnyValue) };
    case 'not':
      return { kind: 'not', part: withAnyValue(filter.part) };
    default: {
      const { attribute } = filter;
      if (attribute === undefined || placeholdersIn(filter).length === 0) return filter;
      return { kind: 'present', attribute };
    }
  }
}

/** The filter itself and every one in it, from the outside in. */
export function* filtersIn(filter: Filter): Generator<Filter> {
  yield filter;
  if (filter.kind === 'not') yield* filtersIn(filter.part);
  if (filter.kind === 'and' || filter.kind === 'or') for (const part of filter.parts) yield* filtersIn(part);
}

/** The names of the placeholders, each as often as it is written. */
export function placeholdersIn(filter: Filter): readonly string[] {
  return [...filtersIn(filter)]
    .flatMap((each) => ('value' in each ? each.value : 'pieces' in each ? each.pieces.flat() : []))
    .filter((part) => typeof part === 'string');
}
