// What is said about a failed expression: always where, never a value that a claim had.

import type { Fault } from './values/value.ts';

/** Where and why an expression cannot be compiled; the text may quote the expression, which is configuration. */
export interface CompileFault {
  readonly message: string;
  /** Index into the expression's source; absent when the fault has no place. */
  readonly offset?: number;
}

/** Puts the place into the words: `unknown variable: claim, at column 1 of the expression`. */
export function compileFault(source: string, { words, at }: Fault): CompileFault {
  if (at === undefined) return { message: words };
  return { message: `${words}, ${placeOf(source, at)} of the expression`, offset: at };
}

/** What kind of fault an evaluation ended with, and which part of the expression. */
export function describeFault(source: string, { words, at, end }: Fault): string {
  if (at === undefined) return words;
  return `${words}: ${snippet(source.slice(at, end))}, ${placeOf(source, at)}`;
}

const SNIPPET_CHARACTERS = 60;

function snippet(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > SNIPPET_CHARACTERS ? `${line.slice(0, SNIPPET_CHARACTERS)}…` : line;
}

function placeOf(source: string, offset: number): string {
  const before = source.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return line === 1 ? `at column ${column}` : `at line ${line}, column ${column}`;
}
