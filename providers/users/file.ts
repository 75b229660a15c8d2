// Reads a users file: a YAML list of entries, every fault once with its line and column, no hash ever quoted.

import { basename } from 'node:path';
import type { z } from 'zod';
import type { ConfigFile, Fields } from '../../src/settings/provider-module.ts';
import { isJsonObject } from '../../src/text/json.ts';
import { parseYaml, type YamlFault, type YamlText } from '../../src/text/yaml.ts';
import { entriesSchema, type UserEntry } from './entry.ts';
import { faultWords, unknownKey } from './words.ts';

/** The entries, or everything that is wrong, from top to bottom, as `<file>:<line>:<column>: <sentence>`. */
export type UsersFile = { readonly entries: readonly UserEntry[] } | { readonly faults: readonly string[] };

export function parseUsersFile(fields: Fields, { path, text }: ConfigFile): UsersFile {
  const yaml = parseYaml(text);
  if (!yaml.isReadable) return { faults: lined(yaml.faults, path) };
  const result = entriesSchema(fields).safeParse(yaml.data, { error: faultWords });
  const issues = result.error?.issues.flatMap((issue) => faultsOf(issue, yaml)) ?? [];
  const faults = [...yaml.faults, ...issues, ...repeatedNames(yaml)];
  return result.success && faults.length === 0 ? { entries: result.data } : { faults: lined(faults, path) };
}

function lined(faults: readonly YamlFault[], path: string): readonly string[] {
  const inOrder = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const sentences = inOrder.map(({ line, column, message }) => `${basename(path)}:${line}:${column}: ${message}`);
  return [...new Set(sentences)];
}

function faultsOf(issue: z.core.$ZodIssue, yaml: YamlText): readonly YamlFault[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const messages = message.split('\n');
    return issue.keys.map((key, index) => ({
      ...yaml.position({ path: [...path, key], onKey: true }),
      message: unknownKey(key, messages[index]),
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
function repeatedNames(yaml: YamlText): readonly YamlFault[] {
  const lines = new Map<string, number>();
  return (Array.isArray(yaml.data) ? yaml.data : []).flatMap((entry: unknown, index): YamlFault[] => {
    const username = isJsonObject(entry) ? entry['username'] : undefined;
    if (typeof username !== 'string') return [];
    const place = yaml.position({ path: [index, 'username'] });
    const first = lines.get(username);
    if (first !== undefined) return [{ ...place, message: `username appears twice, first in line ${first}` }];
    lines.set(username, place.line);
    return [];
  });
}
