// `matches`, `find` and `findAll` with RE2's syntax and linear time, as in Go; JavaScript's own could hang the process.

import { RE2JS } from '@bufbuild/re2';
import type { Meter } from '../meter.ts';
import { RECLASSIFIED_CHARACTER } from '../values/unicode.ts';
import { Fault, fault, List, type Outcome } from '../values/value.ts';
import { findMatch, findMatches, type Match } from './pike.ts';
import type { FunctionTable } from './table.ts';

type Search = (text: string, regex: RE2JS, limit: bigint, meter: Meter) => Outcome;

const SEARCHES: Readonly<Record<string, Search>> = {
  matches: (text, regex) => regex.test(text),
  find: (text, regex, _limit, meter) => sliceOf(text, findMatch(regex, text, 0, meter)),
  findAll: (text, regex, limit, meter) =>
    new List(findMatches(regex, text, most(limit), meter).map((match) => sliceOf(text, match))),
};

const sliceOf = (text: string, match: Match | undefined): string => (match ? text.slice(match.start, match.end) : '');
const most = (limit: bigint): number => (limit < 0n ? Number.POSITIVE_INFINITY : Number(limit));

export const REGEX_FUNCTIONS: FunctionTable = {
  'matches(string, string): bool': dynamic('matches'),
  'string.matches(string): bool': dynamic('matches'),
  'string.find(string): string': dynamic('find'),
  'string.findAll(string): list<string>': dynamic('findAll'),
  'string.findAll(string, int): list<string>': (text: string, pattern: string, limit: bigint, meter: Meter) =>
    search('findAll', text, pattern, limit, meter),
};

function dynamic(name: string) {
  return (text: string, pattern: string, meter: Meter): Outcome => search(name, text, pattern, -1n, meter);
}

/** Patterns that a claim supplies are short, so that compiling one is cheap. */
const MAX_DYNAMIC_PATTERN_CHARACTERS = 256;
const UNITS_PER_INSTRUCTION = 10;

function search(name: string, text: string, pattern: string, limit: bigint, meter: Meter): Outcome {
  if (pattern.length > MAX_DYNAMIC_PATTERN_CHARACTERS) return fault(`${name}: the pattern is over 256 characters`);
  meter.work(pattern.length * UNITS_PER_INSTRUCTION);
  const regex = compileRegex(pattern);
  if (regex instanceof Fault) return fault(`${name}: not a regular expression`);
  meter.work(instructions(regex) * UNITS_PER_INSTRUCTION);
  return runSearch(name, text, regex, limit, meter);
}

/** Runs one of {@link SEARCHES}; pays for what RE2 may have to do, which kube-apiserver's units do not cover. */
export function runSearch(name: string, text: string, regex: RE2JS, limit: bigint, meter: Meter): Outcome {
  meter.work((text.length * instructions(regex)) / 4);
  if (CLASSES.test(regex.pattern()) && RECLASSIFIED_CHARACTER.test(text + regex.pattern())) return TOO_NEW;
  return SEARCHES[name]?.(text, regex, limit, meter) ?? fault(`${name}: no search`);
}

/** What in a pattern depends on the version of Unicode. */
const CLASSES = /\\[pP]|\(\?[a-zA-Z]*i/;
const TOO_NEW = fault('the text has a character that is newer than the patterns of kube-apiserver');

/** A compiled pattern, or what is wrong with it in RE2's words. */
export function compileRegex(pattern: string): RE2JS | Fault {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return fault(error instanceof Error ? error.message : 'not a regular expression');
  }
}

const instructions = (regex: RE2JS): number => regex.re2().prog.numInst();
