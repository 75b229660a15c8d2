// What is wrong with a value of a users file, in words; the value itself, which may be a secret, is never told.

import type { z } from 'zod';

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  record: 'a map',
  object: 'a map with username and passwordHash',
};

const FOUND: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
};

/** zod's error map, for schemas without words of their own. */
export function faultWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, issue.input);
    case 'too_small':
      return 'must not be empty';
    case 'invalid_union':
      return 'must be text, a finite number, true, false, null, a list or a map';
    default:
      return 'is not valid';
  }
}

function wrongType(expected: string, input: unknown): string {
  if (input === undefined) return 'is required';
  if (expected === 'string' && typeof input === 'number') return 'must be text; put a number in quotes';
  if (expected === 'string' && typeof input === 'boolean') return `must be text; put ${input} in quotes`;
  return `must be ${EXPECTED[expected] ?? expected}, not ${found(input)}`;
}

function found(input: unknown): string {
  if (input === null) return 'empty';
  return Array.isArray(input) ? 'a list' : (FOUND[typeof input] ?? typeof input);
}

/** A key that is no plain word may be a hash that was torn apart, as its commas do within `{ }`. */
export function unknownKey(key: string, message: string | undefined): string {
  if (!/^[\w-]{1,32}$/.test(key)) return 'unknown key; within { } a hash must be in quotes';
  return (message ?? 'unknown key').replace('unknown key', () => `unknown key "${key}"`);
}
