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
  readonly data: unknown;
  /** Errors of the YAML itself; `data` is meaningless when there are any. */
  readonly faults: readonly (Position & { readonly message: string })[];
  /** Where the value stands; for an unknown key the key; for a missing one what should have held it. */
  position(issue: Issue): Position;
}

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
  const faults = [...document.errors, ...document.warnings].map((error) => ({
    ...at(error.pos[0]),
    message: plainYamlError(error.code, error.message),
  }));
  for (const offset of anchorOffsets(document)) {
    faults.push({ ...at(offset), message: 'aliases and anchors are not supported; write the value out' });
  }
  return {
    data: faults.length === 0 ? document.toJS({ maxAliasCount: 0 }) : undefined,
    faults: faults.toSorted((a, b) => a.line - b.line || a.column - b.column),
    position: (issue) => at(offsetOf(document, issue)),
  };
}

/** Where the parser's own words quote the line: a line may hold a secret. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is here twice',
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
function offsetOf(document: Document, { path, onKey }: Issue): number {
  let node: Node | null = isNode(document.contents) ? document.contents : null;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const child = childAt(node, part);
    if (child === undefined) return offset;
    const place = onKey === true || !isScalar(child.value) ? (child.key ?? child.value) : child.value;
    offset = place?.range?.[0] ?? offset;
    node = child.value;
  }
  return offset;
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
