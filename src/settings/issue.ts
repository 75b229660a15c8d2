// The words of configuration errors: what is wrong, without ever quoting a value that could be a secret.

import type { z } from 'zod';
import { didYouMean } from '../text/suggest.ts';
import type { Place, Position } from '../text/yaml.ts';

/** One fault at a place in the configuration, before its line is known. */
export interface Issue extends Place {
  readonly message: string;
}

/** One error as people see it. */
export interface Diagnostic extends Position {
  readonly file: string;
  /** Empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
}

type RawIssue = z.core.$ZodRawIssue;

const A: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'null',
  undefined: 'nothing',
};

/** zod's error map: what every schema says unless it has words of its own. */
export function describeIssue(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${named(issue.expected)}, not ${kindOf(issue.input)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}${suggestion(issue.input, issue.values)}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_union':
      return 'has none of the allowed forms';
    case 'invalid_format':
      return `must look like ${issue.format}`;
    default:
      return 'is not valid';
  }
}

/** zod's issues, one for each unknown key and each at its own path. */
export function flattenIssues(issues: readonly z.core.$ZodIssue[]): Issue[] {
  return issues.flatMap((issue): Issue[] => {
    if (issue.code !== 'unrecognized_keys') {
      const offset: unknown = issue.code === 'custom' ? issue.params?.['offset'] : undefined;
      return [{ path: issue.path, message: issue.message, ...(typeof offset === 'number' && { offset }) }];
    }
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      path: [...issue.path, key],
      message: messages[index] ?? 'unknown key',
      onKey: true,
    }));
  });
}

/** `providers[0].options.url`, as error lines show it. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function named(expected: string): string {
  return A[expected] ?? expected;
}

function kindOf(input: unknown): string {
  if (input === null) return 'null';
  return named(Array.isArray(input) ? 'array' : typeof input);
}

function suggestion(input: unknown, values: readonly unknown[]): string {
  return typeof input === 'string' ? didYouMean(input, values.map(String)) : '';
}
