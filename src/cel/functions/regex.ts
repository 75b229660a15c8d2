// `matches` with RE2's syntax and linear time, as in kube-apiserver; JavaScript's own expressions can hang the process.

import { RE2JS } from '@bufbuild/re2';
import { fault } from '../fault.ts';
import { charge } from '../meter.ts';
import type { FunctionTable } from './table.ts';

export const REGEX_FUNCTIONS: FunctionTable = {
  'string.__matches(Regex): bool': test,
  'string.__matches(string): bool': testDynamic,
  '__matches(string, Regex): bool': test,
  '__matches(string, string): bool': testDynamic,
};

/** The type of a compiled pattern in an expression; it stands where the literal stood. */
export const REGEX_TYPE = { name: 'Regex', constructor: RE2JS } as const;

/** Patterns that a claim supplies are short, so that compiling one is cheap. */
const MAX_DYNAMIC_PATTERN_CHARACTERS = 256;
const UNITS_PER_INSTRUCTION = 10;

/** A compiled pattern, or what is wrong with it in RE2's words. */
export function compileRegex(pattern: string): { readonly regex: RE2JS } | { readonly message: string } {
  try {
    return { regex: RE2JS.compile(pattern) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : 'not a regular expression' };
  }
}

function test(text: string, regex: RE2JS): boolean {
  charge((text.length * instructions(regex)) / 4);
  return regex.test(text);
}

function testDynamic(text: string, pattern: string): boolean {
  if (pattern.length > MAX_DYNAMIC_PATTERN_CHARACTERS) throw fault('matches: the pattern is over 256 characters');
  charge(pattern.length * UNITS_PER_INSTRUCTION);
  const compiled = compileRegex(pattern);
  if ('message' in compiled) throw fault('matches: not a regular expression');
  charge(instructions(compiled.regex) * UNITS_PER_INSTRUCTION);
  return test(text, compiled.regex);
}

const instructions = (regex: RE2JS): number => regex.re2().prog.numInst();
