// Reads a users file: a YAML list of entries, every fault once with its line and column, no hash ever quoted.

import { basename } from 'node:path';
import type { z } from 'zod';
import type { ConfigFile, Fields } from '../../src/settings/provider-module.ts';
import { isJsonObject } from '../../src/text/json.ts';
import { entriesSchema, type UserEntry } from './entry.ts';
import { faultWords, unknownKey } from './words.ts';
import { type Fault, readYaml, type UsersYaml } from './yaml.ts';

/** The entries, or everything that is wrong, from top to bottom, as `<file>:<line>:<column>: <sentence>`. */
export type UsersFile = { readonly entries: readonly UserEntry[] } | { readonly faults: readonly string[] };

export function parseUsersFile(fields: Fields, { path, text }: ConfigFile): UsersFile {
  const yaml = readYaml(text);
  if (yaml.plain === undefined) return { faults: lined(yaml.faults, path, yaml) };
  const { value } = yaml.plain;
  const result = entriesSchema(fields).safeParse(value, { error: faultWords });
  const issues = result.error?.issues.flatMap((issue) => faultsOf(issue, yaml)) ?? [];
  const faults = [...yaml.faults, ...issues, ...repeatedNames(value, yaml)];
  return result.success && faults.length === 0 ? { entries: result.data } : { faults: lined(faults, path, yaml) };
}

function lined(faults: readonly Fault[], path: string, yaml: UsersYaml): readonly string[] {
  const sentences = faults
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, message }) => {
      const { line, col } = yaml.linePos(offset);
      return `${basename(path)}:${line}:${col}: ${message}`;
    });
  return [...new Set(sentences)];
}

function faultsOf(issue: z.core.$ZodIssue, yaml: UsersYaml): readonly Fault[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    const messages = message.split('\n');
    return issue.keys.map((key, index) => ({
      offset: yaml.keyOffset(path, key),
      message: unknownKey(key, messages[index]),
    }));
  }
  const [, ...field] = path;
  const subject = path.length === 0 ? '' : field.length === 0 ? 'an entry' : dotted(field);
  return [{ offset: yaml.offsetOf(path), message: `${subject} ${message}`.trim() }];
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .slice(1);
}

/** Looks at what is written instead of at the entries, so that another fault does not hide one of these. */
function repeatedNames(value: unknown, yaml: UsersYaml): readonly Fault[] {
  const firstOffsets = new Map<string, number>();
  return (Array.isArray(value) ? value : []).flatMap((entry: unknown, index): Fault[] => {
    const username = isJsonObject(entry) ? entry['username'] : undefined;
    if (typeof username !== 'string') return [];
    const offset = yaml.offsetOf([index, 'username']);
    const first = firstOffsets.get(username);
    if (first !== undefined)
      return [{ offset, message: `username appears twice, first in line ${yaml.linePos(first).line}` }];
    firstOffsets.set(username, offset);
    return [];
  });
}
