// Which signatures of a function take operands of these types, and what comes out (cel-go, resolveOverload).

import type { Overload } from '../functions/table.ts';
import { assignAll, type Substitutions, substitute } from './assign.ts';
import { DYN, isDyn, param, sameType, type Type } from './type.ts';

export interface Resolved {
  /** The receiver is the first operand; false for a function in a namespace, such as `sets.contains`. */
  readonly isMethod: boolean;
  /** All signatures of the function; which of them runs is decided by the operands when `only` is undefined. */
  readonly overloads: readonly Overload[];
  readonly only: Overload | undefined;
}

export interface Resolution extends Resolved {
  readonly type: Type;
  /** With what the operands told about type parameters. */
  readonly known: Substitutions;
}

/** Undefined when no signature takes these operands; `fresh` numbers new type parameters. */
export function resolveCall(
  overloads: readonly Overload[],
  operands: readonly Type[],
  isMethod: boolean,
  start: Substitutions,
  fresh: () => number,
): Resolution | undefined {
  let known = start;
  let type: Type | undefined;
  const fitting: Overload[] = [];
  for (const overload of overloads) {
    if (overload.isMethod !== isMethod) continue;
    const renamed = new Map(overload.typeParams.map((name) => [name, param(`_${fresh()}`)]));
    const found = assignAll(
      known,
      operands,
      overload.params.map((one) => substitute(renamed, one)),
    );
    if (found === undefined) continue;
    known = found;
    fitting.push(overload);
    const result = substitute(known, substitute(renamed, overload.result));
    if (type === undefined) type = result;
    else if (!isDyn(type) && !sameType(result, type)) type = DYN;
  }
  return type && { isMethod, overloads, only: fitting.length === 1 ? fitting[0] : undefined, type, known };
}

const BINARY = /^_([^\w]+)_$/;
const UNARY = /^([!-])_$/;

/** `no such overload: int + string`, with the types of the operands as text. */
export function noOverload(name: string, operands: readonly string[], isMethod: boolean): string {
  const [first = '', ...rest] = operands;
  const binary = name === '@in' ? 'in' : BINARY.exec(name)?.[1];
  if (binary !== undefined) return `no such overload: ${first} ${binary} ${rest.join('')}`;
  const unary = UNARY.exec(name)?.[1];
  if (unary !== undefined) return `no such overload: ${unary}${first}`;
  if (name === '_?_:_') return `no such overload: ${first} ? ${rest.join(' : ')}`;
  if (name === '_[_]' || name === '_[?_]') return `no such overload: ${first}[${rest.join('')}]`;
  return `no such overload: ${isMethod ? `${first}.${name}(${rest.join(', ')})` : `${name}(${operands.join(', ')})`}`;
}
