// What kube-apiserver looks at after the types: literals of one type, templates of `format`, patterns (cel-go validators).

import { clausesOf, VERBS } from '../functions/format.ts';
import { compileRegex } from '../functions/regex.ts';
import { allExprs, type Call, type Expr, type ListExpr, type MapExpr, partsOf } from '../syntax/tree.ts';
import { Fault } from '../values/value.ts';
import type { Checked } from './check.ts';
import { ERROR, isDyn, sameType, type Type, typeText } from './type.ts';

/** The first fault, or undefined. */
export function validate(root: Expr, { types }: Checked): Fault | undefined {
  const typeOf = (expr: Expr): Type => types.get(expr) ?? ERROR;
  const mixable = insideFormats(root);
  for (const expr of allExprs(root)) {
    const fault = faultOf(expr, typeOf, mixable);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

type TypeOf = (expr: Expr) => Type;

function faultOf(expr: Expr, typeOf: TypeOf, mixable: ReadonlySet<Expr>): Fault | undefined {
  if (expr.kind === 'list') return mixable.has(expr) ? undefined : mixedList(expr, typeOf);
  if (expr.kind === 'map') return mixable.has(expr) ? undefined : mixedMap(expr, typeOf);
  if (expr.kind !== 'call') return undefined;
  return expr.name === 'format' ? badFormat(expr, typeOf) : badPattern(expr);
}

/** The operands of `format` may hold elements of different types. */
function insideFormats(root: Expr): ReadonlySet<Expr> {
  const formats = [...allExprs(root)].filter((expr) => expr.kind === 'call' && expr.name === 'format');
  return new Set(formats.flatMap((format) => partsOf(format).flatMap((part) => [...allExprs(part)])));
}

function mismatch(expected: Type, found: Type, { start, end }: Expr): Fault {
  const hint = [expected, found].some(isDyn) ? ' (a claim may be anything: use string() or dyn())' : '';
  return new Fault(`the types are different: ${typeText(expected)} before, ${typeText(found)} here${hint}`, start, end);
}

function mixed(exprs: readonly Expr[], typeOf: TypeOf): Fault | undefined {
  const [first, ...rest] = exprs;
  if (first === undefined) return undefined;
  const expected = typeOf(first);
  const other = rest.find((expr) => !sameType(expected, typeOf(expr), false));
  return other && mismatch(expected, typeOf(other), other);
}

function mixedList({ elements, optional }: ListExpr, typeOf: TypeOf): Fault | undefined {
  const held = new Map(elements.map((element, i) => [element, heldType(typeOf(element), optional.has(i))]));
  return mixed(elements, (expr) => held.get(expr) ?? ERROR);
}

function mixedMap({ entries }: MapExpr, typeOf: TypeOf): Fault | undefined {
  const held = new Map(entries.map(({ value, optional }) => [value, heldType(typeOf(value), optional)]));
  const keys = mixed(
    entries.map(({ key }) => key),
    typeOf,
  );
  return (
    keys ??
    mixed(
      entries.map(({ value }) => value),
      (expr) => held.get(expr) ?? ERROR,
    )
  );
}

const heldType = (type: Type, isOptional: boolean): Type => (isOptional ? (type.params[0] ?? type) : type);

/** A constant template is read with the types of what stands in the list. */
function badFormat({ target, args: [list], start, end }: Call, typeOf: TypeOf): Fault | undefined {
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return undefined;
  const clauses = clausesOf(target.value);
  if (clauses instanceof Fault) return new Fault(clauses.words, target.start, target.end);
  for (const [i, { verb }] of clauses.entries()) {
    const operand = list.elements[i];
    if (operand === undefined) return new Fault('format: fewer values than clauses', start, end);
    const wrong = verb === 's' ? unprintable(operand, typeOf) : fits(operand, verb, typeOf) ? undefined : operand;
    if (wrong !== undefined) return unfit(verb, typeOf(wrong), wrong);
  }
  return list.elements.length > clauses.length ? new Fault('format: more values than clauses', start, end) : undefined;
}

function unfit(verb: string, type: Type, { start, end }: Expr): Fault {
  const cure = type.kind === 'any' ? ' (convert it, as in string(claims.name))' : '';
  return new Fault(`format: %${verb} does not take a value of type ${typeText(type)}${cure}`, start, end);
}

const fits = (expr: Expr, verb: string, typeOf: TypeOf): boolean =>
  typeOf(expr).kind === 'dyn' || VERBS[verb]?.has(typeOf(expr).name) === true;

/** The first part of a list or map that is written out and that `%s` does not take. */
function unprintable(expr: Expr, typeOf: TypeOf): Expr | undefined {
  if (!fits(expr, 's', typeOf)) return expr;
  if (expr.kind !== 'list' && expr.kind !== 'map') return undefined;
  for (const part of partsOf(expr)) {
    const wrong = unprintable(part, typeOf);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** kube-apiserver takes the first operand in the parentheses for the pattern, also in `matches(text, pattern)`. */
function badPattern({ name, args: [pattern] }: Call): Fault | undefined {
  if (name !== 'matches' || pattern?.kind !== 'literal' || typeof pattern.value !== 'string') return undefined;
  const regex = compileRegex(pattern.value);
  return regex instanceof Fault ? new Fault(regex.words, pattern.start, pattern.end) : undefined;
}
