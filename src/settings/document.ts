// YAML text as data, with the position of every value.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { Issue } from './issue.ts';

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One error as people see it. */
export interface Diagnostic extends Position {
  readonly file: string;
  /** Empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
}

export interface YamlDocument {
  /** Undefined unless `isReadable`; of a key that is here twice it has the first value. */
  readonly data: unknown;
  /** False when the text is no YAML, or not the part of YAML that is taken; a key that is here twice does not count. */
  readonly isReadable: boolean;
  /** Errors of the YAML itself, in the order of the text. */
  readonly faults: readonly Fault[];
  /** Where the value stands; for an unknown key the key; for a missing one what should have held it. */
  position(issue: Issue): Position;
}

type Fault = Position & { readonly message: string };

/** YAML 1.2, one document, no duplicate keys, no anchors: what one reads is what is there. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    stringKeys: true,
    version: '1.2',
    prettyErrors: false,
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = [...document.errors, ...document.warnings];
  const anchors = anchorOffsets(document);
  const isReadable = anchors.length === 0 && errors.every(({ code }) => code === DUPLICATE_KEY);
  keepFirst(document);
  return {
    data: isReadable ? document.toJS({ maxAliasCount: 0 }) : undefined,
    isReadable,
    faults:
      tabFault(text, errors, at) ??
      [
        ...errors.map((error) => faultOf(error, text, at)),
        ...anchors.map((offset) => ({ ...at(offset), message: ANCHOR })),
      ].toSorted((a, b) => a.line - b.line || a.column - b.column),
    position: (issue) => at(offsetOf(document, issue, text)),
  };
}

type At = (offset: number) => Position;

const DUPLICATE_KEY = 'DUPLICATE_KEY';
const ANCHOR = 'aliases and anchors are not supported; write the value out';

/** A tab makes many errors, none of which names it: the first tab is told in place of them all. */
function tabFault(text: string, errors: readonly YAMLError[], at: At): readonly Fault[] | undefined {
  for (const { code, pos } of errors) {
    const start = text.lastIndexOf('\n', pos[0] - 1) + 1;
    const indent = /^ *\t/.exec(text.slice(start))?.[0];
    if (code !== DUPLICATE_KEY && indent !== undefined) {
      return [{ ...at(start + indent.length - 1), message: 'is indented with a tab: YAML takes spaces only' }];
    }
  }
  return undefined;
}

function faultOf({ code, message, pos }: YAMLError, text: string, at: At): Fault {
  const place = at(pos[0]);
  if (code !== 'MULTIPLE_DOCS') return { ...place, message: plainYamlError(code, message) };
  const what = text.startsWith('---', pos[0]) ? 'the `---`' : 'what begins';
  return { ...place, message: `one document only: remove ${what} at line ${place.line}` };
}

/** The parser keeps every value of a key; what is checked further is the first. */
function keepFirst(document: Document): void {
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      map.items = map.items.filter(({ key }) => {
        const name = isScalar(key) ? key.value : key;
        return !seen.has(name) && seen.add(name);
      });
    },
  });
}

/** Where the parser's own words quote the line: a line may hold a secret. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  [DUPLICATE_KEY]: 'this key is here twice',
  NON_STRING_KEY: 'a key must be plain text',
  BAD_DIRECTIVE: 'is not valid YAML: this directive is not supported',
  BAD_DQ_ESCAPE: 'is not valid YAML: there is no such escape; within single quotes a backslash means itself',
};

function plainYamlError(code: string, message: string): string {
  return OWN_WORDS[code] ?? `is not valid YAML: ${message.split(/[:"'`\\]|\bat line\b/)[0]?.trim() ?? code}`;
}

function anchorOffsets(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node) || node.anchor !== undefined) offsets.push(node.range?.[0] ?? 0);
    },
  });
  return offsets;
}

/** A scalar's own offset; of a map or list the key's, because that is what people look for. */
function offsetOf(document: Document, { path, onKey, offset: within }: Issue, text: string): number {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const child = childAt(node, part);
    if (child === undefined) return offset;
    const place = onKey === true || !isScalar(child.value) ? (child.key ?? child.value) : child.value;
    offset = place?.range?.[0] ?? offset;
    node = child.value;
  }
  return (within === undefined ? undefined : offsetWithin(node, within, text)) ?? offset;
}

/** Only of text that is written on one line as it is read: nothing escaped, nothing folded. */
function offsetWithin(node: Node | null, within: number, text: string): number | undefined {
  if (!isScalar(node) || !isString(node.value) || !node.range) return undefined;
  const [start, end] = node.range;
  const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
  const isAsRead = text.slice(start + quote, end - quote) === node.value && !node.value.includes('\n');
  return isAsRead && within <= node.value.length ? start + quote + within : undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

interface Child {
  readonly key: Node | null;
  readonly value: Node | null;
}

function childAt(node: Node | null, part: PropertyKey): Child | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
    return pair && { key: asNode(pair.key), value: asNode(pair.value) };
  }
  if (!isSeq(node) || typeof part !== 'number') return undefined;
  const item = asNode(node.items[part]);
  return item === null ? undefined : { key: null, value: item };
}

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null;
}
