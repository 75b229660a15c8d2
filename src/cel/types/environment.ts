// What an expression may name: variables, the fields of objects, and functions.

import type { Overload } from '../functions/table.ts';
import type { Expr } from '../syntax/tree.ts';
import type { Type } from './type.ts';

export interface TypeEnvironment {
  readonly variables: ReadonlyMap<string, Type>;
  /** The fields of an object type, by the type's name. */
  readonly fields: ReadonlyMap<string, Readonly<Record<string, Type>>>;
  /** By name, methods and functions together, in the order in which they are tried. */
  readonly functions: ReadonlyMap<string, readonly Overload[]>;
}

/** `a.b.c` when the expression is nothing but names, else undefined. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.test) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}
