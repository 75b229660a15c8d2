// The shape of the tables of functions: signatures as kube-apiserver's environment declares them, and what they do.

import { parseType, splitParams, type Type } from '../types/type.ts';
import type { Outcome } from '../values/value.ts';

/**
 * Takes the operands, a receiver first, and then the meter. A guard has compared their types with the signature before,
 * so each implementation may name the types that its signature says.
 */
export type Implementation = (...operands: never[]) => Outcome;

/** What the planner does itself, because not every operand is always evaluated. */
export const PLANNED = 'planned';

/** `string.charAt(int): string` → implementation; operators have cel-go's names: `_+_(int, int): int`. */
export type FunctionTable = Readonly<Record<string, Implementation | typeof PLANNED>>;

/** One signature of a function. */
export interface Overload {
  readonly signature: string;
  readonly name: string;
  /** Called as `receiver.name(…)`; the receiver is the first of `params`. */
  readonly isMethod: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  /** Names of the type parameters in it, such as `A`. */
  readonly typeParams: readonly string[];
  readonly run: Implementation | undefined;
}

const RECEIVER = /^([a-zA-Z_]+(?:\.[a-zA-Z]+)*(?:<.+?>)?)\.(@?[a-zA-Z_0-9]+)$/;
/** Names with a dot that are functions and no methods. */
const NAMESPACES = /^(?:cel|optional|strings|lists|sets|format|ip)\./;

export function readOverload(signature: string, run: Implementation | typeof PLANNED): Overload {
  const open = signature.lastIndexOf('(', signature.lastIndexOf('): '));
  const head = signature.slice(0, open);
  const close = signature.lastIndexOf('): ');
  const params = splitParams(signature.slice(open + 1, close)).map(parseType);
  const [, receiver, method] = NAMESPACES.test(head) || head.startsWith('_') ? [] : (RECEIVER.exec(head) ?? []);
  return {
    signature,
    name: method ?? head,
    isMethod: method !== undefined,
    params: receiver === undefined ? params : [parseType(receiver), ...params],
    result: parseType(signature.slice(close + 3)),
    typeParams: [...new Set(signature.match(/\b[A-Z]\b/g))],
    run: run === PLANNED ? undefined : run,
  };
}

/** Types that a signature stands for more than once, as in `list<int|uint>.max(): int|uint`. */
export function forTypes(
  types: readonly string[],
  signature: (type: string) => string,
  run: Implementation,
): FunctionTable {
  return Object.fromEntries(types.map((type) => [signature(type), run]));
}
