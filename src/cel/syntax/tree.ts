// The syntax tree that is checked and run: cel-go's, so operators are calls and macros are written out.

import type { Value } from '../values/value.ts';

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | Loop;

/** Indexes into the source, `end` after the last character. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Literal extends Span {
  readonly kind: 'literal';
  readonly value: Value;
}

export interface Ident extends Span {
  readonly kind: 'ident';
  readonly name: string;
}

/** `operand.field`; with `test` it is `has(operand.field)`. */
export interface Select extends Span {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly test: boolean;
}

/** `name(args)` or `target.name(args)`; operators have cel-go's names, such as `_+_`. */
export interface Call extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
}

export interface ListExpr extends Span {
  readonly kind: 'list';
  readonly elements: readonly Expr[];
  /** Elements written `?element`. */
  readonly optional: ReadonlySet<number>;
}

export interface MapExpr extends Span {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: Expr; readonly value: Expr; readonly optional: boolean }[];
}

/** Goes over `range` with `variable`; `accumulator` begins as `init` and becomes `step` while `condition` holds. */
export interface Loop extends Span {
  readonly kind: 'loop';
  readonly range: Expr;
  readonly variable: string;
  /** The value beside an index or key. */
  readonly second?: string;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Names of the operators that are calls. */
export const CONDITIONAL = '_?_:_';
export const INDEX = '_[_]';
export const OPTIONAL_INDEX = '_[?_]';
export const OPTIONAL_SELECT = '_?._';

/** The parts of an expression, in the order in which they are evaluated. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'loop':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}

/** Every expression below and with `root`, each once. */
export function allExprs(root: Expr): ReadonlySet<Expr> {
  const seen = new Set<Expr>([root]);
  for (const expr of seen) for (const part of partsOf(expr)) seen.add(part);
  return seen;
}
