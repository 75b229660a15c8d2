// Reads a YAML list of entries, such as a users file: every fault once with its line and column, no value ever quoted.

import { basename } from 'node:path';
import type { z } from 'zod';
import { isJsonObject } from '../text/json.ts';
import { parseYaml, type YamlFault, type YamlText } from '../text/yaml.ts';
import type { ConfigFile, Schema } from './provider-module.ts';

/** What stands in such a file, and its words. */
export interface EntriesKind<Entry> {
  readonly schema: Schema<readonly Entry[]>;
  /** `a map with username and passwordHash`. */
  readonly entry: string;
  /** Keys whose values no two entries may share. */
  readonly unique: readonly string[];
  /** Said of an unknown key that is no plain word. */
  readonly oddKey?: string;
}

/** The entries, or everything that is wrong, from top to bottom, as `<file>:<line>:<column>: <sentence>`. */
export type Entries<Entry> = { readonly entries: readonly Entry[] } | { readonly faults: readonly string[] };

export function parseEntries<Entry>({ path, text }: ConfigFile, kind: EntriesKind<Entry>): Entries<Entry> {
  const yaml = parseYaml(text);
  if (!yaml.isReadable) return { faults: faultSentences(yaml.faults, path) };
  const result = kind.schema.safeParse(yaml.data, { error: (issue) => faultWords(issue, kind.entry) });
  const issues = result.error?.issues.flatMap((issue) => faultsOf(issue, yaml, kind)) ?? [];
  const faults = [...yaml.faults, ...issues, ...kind.unique.flatMap((key) => repeated(key, yaml))];
  return result.success && faults.length === 0 ? { entries: result.data } : { faults: faultSentences(faults, path) };
}

/** In the order of the file, each once. */
export function faultSentences(faults: readonly YamlFault[], path: string): readonly string[] {
  const inOrder = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const sentences = inOrder.map(({ line, column, message }) => `${basename(path)}:${line}:${column}: ${message}`);
  return [...new Set(sentences)];
}

function faultsOf<Entry>(
  issue: z.core.$ZodIssue,
  yaml: YamlText,
  { oddKey }: EntriesKind<Entry>,
): readonly YamlFault[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const messages = message.split('\n');
    return issue.keys.map((key, index) => ({
      ...yaml.position({ path: [...path, key], onKey: true }),
      message: unknownKey(key, messages[index], oddKey),
    }));
  }
  const [, ...field] = path;
  const subject = path.length === 0 ? '' : field.length === 0 ? 'an entry' : dotted(field);
  return [{ ...yaml.position({ path }), message: `${subject} ${message}`.trim() }];
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
}

/** Looks at what is written instead of at the entries, so that another fault does not hide one of these. */
function repeated(key: string, yaml: YamlText): readonly YamlFault[] {
  const lines = new Map<string, number>();
  return (Array.isArray(yaml.data) ? yaml.data : []).flatMap((entry: unknown, index): YamlFault[] => {
    const value = isJsonObject(entry) ? entry[key] : undefined;
    if (typeof value !== 'string') return [];
    const place = yaml.position({ path: [index, key] });
    const first = lines.get(value);
    if (first !== undefined) return [{ ...place, message: `${key} appears twice, first in line ${first}` }];
    lines.set(value, place.line);
    return [];
  });
}

const EXPECTED: Readonly<Record<string, string>> = { string: 'text', array: 'a list', record: 'a map' };

const FOUND: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
};

/** zod's error map, for schemas without words of their own; the value itself, which may be a secret, is never told. */
function faultWords(issue: z.core.$ZodRawIssue, entry: string): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input, entry);
    case 'too_small':
      return 'must not be empty';
    case 'invalid_union':
      return 'must be text, a finite number, true, false, null, a list or a map';
    default:
      return 'is not valid';
  }
}

function wrongType(expected: string, input: unknown, entry: string): string {
  if (input === undefined) return 'is required';
  if (expected === 'string' && typeof input === 'number') return 'must be text; put a number in quotes';
  if (expected === 'string' && typeof input === 'boolean') return `must be text; put ${input} in quotes`;
  const wanted = expected === 'object' ? entry : (EXPECTED[expected] ?? expected);
  return `must be ${wanted}, not ${found(input)}`;
}

function found(input: unknown): string {
  if (input === null) return 'empty';
  return Array.isArray(input) ? 'a list' : (FOUND[typeof input] ?? typeof input);
}

/** A key that is no plain word may be a secret that was torn apart, so it is not quoted. */
function unknownKey(key: string, message: string | undefined, oddKey: string | undefined): string {
  if (!/^[\w-]{1,32}$/.test(key)) return oddKey === undefined ? 'unknown key' : `unknown key; ${oddKey}`;
  return (message ?? 'unknown key').replace('unknown key', () => `unknown key "${key}"`);
}
