// The YAML of a users file as plain values, each with its place.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import { yamlWords } from './words.ts';

export interface Fault {
  /** From the start of the text. */
  readonly offset: number;
  /** A sentence without its place. */
  readonly message: string;
}

export interface UsersYaml {
  /** Absent when nothing can be told about the entries. */
  readonly plain?: { readonly value: unknown };
  readonly faults: readonly Fault[];
  /** From 1 on. */
  linePos(offset: number): { readonly line: number; readonly col: number };
  /** Of the value, or of the nearest value around one that is missing. */
  offsetOf(path: readonly PropertyKey[]): number;
  /** Of a key of the map at `path`. */
  keyOffset(path: readonly PropertyKey[], key: string): number;
}

/** A key that is twice there leaves the rest readable, any other fault does not. */
export function readYaml(text: string): UsersYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: '1.2' });
  const aliases = aliasFaults(document);
  const isReadable = document.errors.every(isDuplicate) && aliases.length === 0;
  return {
    ...(isReadable && { plain: { value: document.toJS({ maxAliasCount: 0 }) } }),
    faults: [...syntaxFaults(document.errors, text), ...aliases],
    linePos: (offset) => lines.linePos(offset),
    offsetOf: (path) => offsetOf(document, path),
    keyOffset: (path, key) => keyOffset(document, path, key),
  };
}

/** After a fault of syntax the parser is out of step, so that what it finds next is no fault of its own. */
function syntaxFaults(errors: readonly YAMLParseError[], text: string): readonly Fault[] {
  const first = errors.find((error) => !isDuplicate(error));
  return errors
    .filter((error) => error === first || isDuplicate(error))
    .map(({ pos: [offset], code }) => {
      const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
      return { offset, message: yamlWords(code, before) };
    });
}

const isDuplicate = ({ code }: YAMLParseError): boolean => code === 'DUPLICATE_KEY';

/** Aliases are off: a few of them can unfold to gigabytes. */
function aliasFaults(document: Document): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Alias: (_key, { range }) => {
      faults.push({ offset: range?.[0] ?? 0, message: 'aliases are not allowed; write the value out' });
    },
  });
  return faults;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && !isAlias(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number {
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path);
}
