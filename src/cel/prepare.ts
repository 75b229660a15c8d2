// Changes a parsed expression before it is type-checked: only known functions, regular expressions compiled once.

import { accessOf, allNodes, type Call, callOf, type Node } from './ast.ts';
import { ALLOWED_FUNCTIONS, REPLACED_FUNCTIONS } from './functions/names.ts';
import { compileRegex } from './functions/regex.ts';

export type Prepared =
  /** `claims`: the names that stand in the source as `claims.name`, in every way of writing it. */
  | { readonly ok: true; readonly claims: ReadonlySet<string> }
  | { readonly ok: false; readonly message: string; readonly offset: number };

/** Sends replaced functions to their replacements and finds the claims that the expression names. */
export function prepare(root: Node): Prepared {
  const claims = new Set<string>();
  for (const node of allNodes(root)) {
    const access = accessOf(node);
    if (access?.base.op === 'id' && access.base.args === 'claims') claims.add(access.key);
    const call = callOf(node);
    const fault = call === undefined ? undefined : prepareCall(node, call);
    if (fault !== undefined) return { ok: false, ...fault };
  }
  return { ok: true, claims };
}

function prepareCall(node: Node, call: Call): { message: string; offset: number } | undefined {
  if (!ALLOWED_FUNCTIONS.has(call.name)) return { message: `unknown function: ${call.name}`, offset: node.start };
  if (!REPLACED_FUNCTIONS.has(call.name)) return undefined;
  const pattern = call.operands[1];
  call.rename(`__${call.name}`);
  return call.name === 'matches' && pattern !== undefined ? compilePattern(pattern) : undefined;
}

/** A constant pattern is compiled here and now, and its result stands in its place. */
function compilePattern(literal: Node): { message: string; offset: number } | undefined {
  if (literal.op !== 'value' || typeof literal.args !== 'string') return undefined;
  const compiled = compileRegex(literal.args);
  if ('message' in compiled) return { message: compiled.message, offset: literal.start };
  literal.args = compiled.regex;
  return undefined;
}
