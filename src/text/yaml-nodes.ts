// The nodes of a YAML document as plain data, with bounds on depth and aliases, and the place of every value.

import {
  type Alias,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import { isJsonObject } from './json.ts';

/** Enough for every file that people write, and far from the end of the stack. */
export const MAX_DEPTH = 100;
/** How many values all aliases of a file may stand for: ten lines of aliases can unfold to gigabytes. */
const MAX_UNFOLDED = 10_000;
/** The parser gives a symbol of this name where it would merge. */
const MERGE = '<<';

/** Offset of the first value that is nested too deeply. Looks at tokens, because composing them recurses. */
export function deepPlace(tokens: readonly CST.Token[]): number | undefined {
  const open = tokens.toReversed().map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > MAX_DEPTH) return token.offset;
    for (const child of childrenOf(token).toReversed()) open.push({ token: child, depth: depth + 1 });
  }
  return undefined;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child !== undefined && child !== null));
}

/** Offsets of keys that stand in their map already. */
export function repeatedKeys(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = nameOf(key);
        if (seen.has(name)) offsets.push(startOf(key));
        seen.add(name);
      }
    },
  });
  return offsets;
}

/** A sentence, and the offset in the text. */
export interface NodeFault {
  readonly offset: number;
  readonly message: string;
}

interface Unfolding {
  readonly targets: ReadonlyMap<Alias, Node>;
  readonly mapData: (entries: readonly Entry[]) => object;
  /** Those around the value at hand. */
  readonly open: Set<unknown>;
  left: number;
  fault?: NodeFault;
}

type Entry = readonly [key: string, value: unknown];

/** Of a key that is here twice the first value; `__proto__` is a key like any other. */
export function firstOfEach(entries: readonly Entry[]): object {
  const first = new Map<string, unknown>();
  for (const [key, value] of entries) if (!first.has(key)) first.set(key, value);
  return Object.fromEntries(first);
}

/** Of a key that is here twice the last value; the maps behind `<<` fill in what is missing (YAML 1.1). */
export function merged(entries: readonly Entry[]): object {
  const own = entries.filter(([key]) => key !== MERGE);
  const behind = entries
    .filter(([key]) => key === MERGE)
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]));
  const filling = behind.toReversed().flatMap((map) => (isJsonObject(map) ? Object.entries(map) : []));
  return Object.fromEntries([...filling, ...own]);
}

/** The document as plain values, each alias replaced by what it stands for. */
export function unfold(document: Document, mapData: Unfolding['mapData']): { readonly data: unknown } | NodeFault {
  const targets = aliasTargets(document);
  if (!(targets instanceof Map)) return targets;
  const walk: Unfolding = { targets, mapData, open: new Set(), left: MAX_UNFOLDED };
  const data = valueOf(document.contents, walk, undefined);
  return walk.fault ?? { data };
}

/** `alias`: the outermost one that led here. */
function valueOf(node: unknown, walk: Unfolding, alias: Alias | undefined): unknown {
  if (alias !== undefined) walk.left -= 1;
  const message = alias === undefined ? undefined : aliasFault(node, walk);
  if (message !== undefined) walk.fault ??= { offset: startOf(alias), message };
  if (walk.fault !== undefined) return undefined;
  if (isScalar(node)) return node.value;
  walk.open.add(node);
  const value = isAlias(node) ? valueOf(walk.targets.get(node), walk, alias ?? node) : listOrMap(node, walk, alias);
  walk.open.delete(node);
  return value;
}

function aliasFault(node: unknown, { open, left }: Unfolding): string | undefined {
  if (open.has(node)) return 'this alias stands within its own anchor';
  if (left < 0) return `aliases stand for more than ${MAX_UNFOLDED} values; write them out`;
  return open.size > 2 * MAX_DEPTH ? 'aliases are nested too deeply; write the value out' : undefined;
}

function listOrMap(node: unknown, walk: Unfolding, alias: Alias | undefined): unknown {
  if (isSeq(node)) return node.items.map((item) => valueOf(item, walk, alias));
  if (!isMap(node)) return null;
  return walk.mapData(node.items.map(({ key, value }) => [nameOf(key), valueOf(value, walk, alias)]));
}

/** What each alias stands for: the last anchor of its name before it. */
function aliasTargets(document: Document): Map<Alias, Node> | NodeFault {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const lost: Alias[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (target === undefined) lost.push(node);
      else targets.set(node, target);
    },
  });
  const [first] = lost;
  return first === undefined ? targets : { offset: startOf(first), message: 'there is no anchor for this alias' };
}

/** Where people look, in the terms of whoever reads the data. */
export interface Place {
  readonly path: readonly PropertyKey[];
  /** The key itself is meant, not its value. */
  readonly onKey?: true;
  /** Index into the value, a string. */
  readonly offset?: number;
}

/** A scalar's own offset; of a map or list the key's, because that is what people look for; below an alias the alias's. */
export function offsetOf(document: Document, { path, onKey, offset: within }: Place, text: string): number {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let offset = startOf(node);
  for (const part of path) {
    const child = childAt(node, part);
    if (child === undefined) return offset;
    const isKey = onKey === true || isCollection(child.value) || child.value === null;
    offset = startOf(isKey ? (child.key ?? child.value) : child.value, offset);
    node = child.value;
  }
  return (within === undefined ? undefined : offsetWithin(node, within, text)) ?? offset;
}

/** Only of text that is written on one line as it is read: nothing escaped, nothing folded. */
function offsetWithin(node: Node | null, within: number, text: string): number | undefined {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return undefined;
  const { value, type } = node;
  const [start, end] = node.range;
  const quote = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? 1 : 0;
  const isAsRead = text.slice(start + quote, end - quote) === value && !value.includes('\n');
  return isAsRead && within <= value.length ? start + quote + within : undefined;
}

interface Child {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childAt(node: Node | null, part: PropertyKey): Child | undefined {
  if (isMap(node)) {
    const pair = pairsOf(node).get(String(part));
    return pair && { key: asNode(pair.key), value: asNode(pair.value) };
  }
  if (!isSeq(node) || typeof part !== 'number') return undefined;
  const item = asNode(node.items[part]);
  return item === null ? undefined : { key: null, value: item };
}

const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** By name; kept, because a file with thousands of faults asks thousands of times. */
function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const kept = known.get(map);
  if (kept !== undefined) return kept;
  const pairs = new Map(map.items.toReversed().map((pair) => [nameOf(pair.key), pair]));
  known.set(map, pairs);
  return pairs;
}

function nameOf(key: unknown): string {
  const name = isScalar(key) ? key.value : key;
  return typeof name === 'symbol' ? MERGE : String(name);
}

function startOf(node: unknown, fallback = 0): number {
  return isNode(node) ? (node.range?.[0] ?? fallback) : fallback;
}

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null;
}
