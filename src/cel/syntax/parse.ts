// Source → syntax tree: our tokens, cel-js's parser, cel-go's macros.

import { Environment, ParseError } from '@marcbachmann/cel-js';
import { Fault } from '../values/value.ts';
import { mask } from './masked.ts';
import { readTree } from './read.ts';
import { tokensOf } from './tokens.ts';
import type { Expr } from './tree.ts';

/** Structural limits of one expression. */
export const LIMITS = {
  maxAstNodes: 4_000,
  maxDepth: 64,
  maxListElements: 1_000,
  maxMapEntries: 1_000,
  maxCallArguments: 32,
};

const PARSER = new Environment({ enableOptionalTypes: true, limits: LIMITS });

/** The tree, or what is wrong and where. */
export function parse(source: string): Expr | Fault {
  const tokens = tokensOf(source);
  if (tokens instanceof Fault) return tokens;
  const masked = mask(source, tokens);
  if (masked instanceof Fault) return masked;
  try {
    return readTree(PARSER.parse(masked.text).ast, tokens, masked.marks);
  } catch (error) {
    return syntaxFault(source, error);
  }
}

/** cel-js throws what is wrong; anything else that is thrown means that the stack was too short for the tree. */
function syntaxFault(source: string, error: unknown): Fault {
  if (!(error instanceof ParseError)) return new Fault('the expression is nested too deeply');
  const { start, end } = error.range ?? {};
  const words = error.code === 'unexpected_character' ? `unexpected: ${source.slice(start, end)}` : error.summary;
  return new Fault(words.charAt(0).toLowerCase() + words.slice(1), start, end);
}
