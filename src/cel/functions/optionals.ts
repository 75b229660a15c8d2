// The functions on optionals that cel-js lacks: optMap, optFlatMap and optional.ofNonZeroValue.

import { Optional } from '@marcbachmann/cel-js';
import type { Node } from '../ast.ts';
import { fault } from '../fault.ts';
import type { FunctionTable } from './table.ts';

/** cel-js's type checker, evaluator and scopes, as far as a macro sees them. */
interface Type {
  readonly kind: string;
  readonly valueType?: Type;
}
interface Scope {
  forkWithVariable(name: string, type: Type): Scope;
  reuse(parent: Scope): Scope;
  setIterValue(value: unknown, evaluator: Evaluator): Scope;
}
interface Checker {
  check(node: Node, scope: Scope): Type;
  getType(name: string): Type;
  readonly registry: { getOptionalType(type: Type): Type };
  createError(code: string, message: string, node: Node): Error;
}
interface Evaluator {
  run(node: Node, scope: Scope): unknown;
}
interface Expansion {
  readonly args: readonly [Node, Node];
  readonly receiver: Node;
}

export const OPTIONAL_FUNCTIONS: FunctionTable = {
  'optional.optMap(ast, ast): optional<dyn>': (expansion: Expansion) => optionalMacro('optMap', expansion),
  'optional.optFlatMap(ast, ast): optional<dyn>': (expansion: Expansion) => optionalMacro('optFlatMap', expansion),
  'OptionalNamespace.ofNonZeroValue(A): optional<A>': (_namespace: unknown, value: unknown) =>
    isZero(value) ? Optional.none() : Optional.of(value),
};

function optionalMacro(name: 'optMap' | 'optFlatMap', { args: [variable, transform], receiver }: Expansion): object {
  let inner: Scope | undefined;
  return {
    receiver,
    transform,
    async: false,
    typeCheck(checker: Checker, _macro: unknown, scope: Scope): Type {
      const variableName = variable.op === 'id' ? variable.args : undefined;
      if (typeof variableName !== 'string')
        throw checker.createError('invalid_macro_argument', `${name}: not a variable`, variable);
      const type = checker.check(receiver, scope);
      if (type.kind !== 'optional') {
        throw checker.createError('optional_expected', `${name}: the receiver is not an optional`, receiver);
      }
      inner = scope.forkWithVariable(variableName, type.valueType ?? checker.getType('dyn'));
      const result = checker.check(transform, inner);
      return name === 'optMap' ? checker.registry.getOptionalType(result) : result;
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope): unknown {
      const optional = evaluator.run(receiver, scope);
      if (!(optional instanceof Optional)) throw fault(`${name}: the receiver is not an optional`);
      if (inner === undefined || !optional.hasValue()) return Optional.none();
      const result = evaluator.run(transform, inner.reuse(scope).setIterValue(optional.value(), evaluator));
      return name === 'optMap' ? Optional.of(result) : result;
    },
  };
}

function isZero(value: unknown): boolean {
  if (value === null || value === '' || value === false || value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return (
    typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0
  );
}
