// Which types agree: unification with type parameters (cel-go checker/types.go, internalIsAssignable).

import { DYN, isDyn, listOf, mapOf, NULL, optionalOf, sameType, type Type, typeOf } from './type.ts';

/** What type parameters were found to stand for, by name. */
export type Substitutions = ReadonlyMap<string, Type>;

/** The substitutions under which each of `from` may be given for each of `to`; undefined when they do not agree. */
export function assignAll(known: Substitutions, from: readonly Type[], to: readonly Type[]): Substitutions | undefined {
  const found = new Map(known);
  return assignableAll(found, from, to) ? found : undefined;
}

/** The substitutions under which `from` may be given for `to`; undefined when they do not agree. */
export function assign(known: Substitutions, from: Type, to: Type): Substitutions | undefined {
  return assignAll(known, [from], [to]);
}

/** Replaces parameters by what they stand for; what is free becomes dyn when `freeIsDyn`, else stays. */
export function substitute(known: Substitutions, type: Type, freeIsDyn = false): Type {
  if (type.kind === 'param') {
    const found = known.get(type.name);
    if (found !== undefined) return substitute(known, found, freeIsDyn);
    return freeIsDyn ? DYN : type;
  }
  const [first, second] = type.params;
  if (first === undefined) return type;
  const one = substitute(known, first, freeIsDyn);
  if (type.kind === 'list') return listOf(one);
  if (type.kind === 'optional') return optionalOf(one);
  return second === undefined ? typeOf(one) : mapOf(one, substitute(known, second, freeIsDyn));
}

/** Of two types that agree, the one that says less. */
export const mostGeneral = (a: Type, b: Type): Type => (isLessSpecific(a, b) ? a : b);

function assignableAll(found: Map<string, Type>, from: readonly Type[], to: readonly Type[]): boolean {
  return from.length === to.length && from.every((type, i) => assignable(found, type, to[i] ?? DYN));
}

function assignable(found: Map<string, Type>, from: Type, to: Type): boolean {
  if (to.kind === 'param') {
    const known = found.has(to.name);
    if (stands(found, from, to)) return true;
    if (known) return false;
  }
  if (from.kind === 'param') return stands(found, to, from);
  if (isWild(from) || isWild(to)) return true;
  if (from.kind === 'null' || to.kind === 'null') return isNullable(from.kind === 'null' ? to : from);
  if (from.kind === 'type') return to.kind === 'type';
  return from.kind === to.kind && from.name === to.name && assignableAll(found, from.params, to.params);
}

/** Whether the parameter may stand for the type; notes that it does. */
function stands(found: Map<string, Type>, type: Type, parameter: Type): boolean {
  if (sameType(type, parameter)) return true;
  const known = found.get(parameter.name);
  if (known === undefined) {
    if (!isFreeIn(found, parameter, type)) return false;
    found.set(parameter.name, type);
    return true;
  }
  if (sameType(type, known)) return true;
  if (!assignable(found, type, known)) return false;
  const general = mostGeneral(type, known);
  if (isFreeIn(found, parameter, general)) found.set(parameter.name, general);
  return true;
}

/** False when the type contains the parameter: it would stand for something that contains itself. */
function isFreeIn(found: Substitutions, parameter: Type, type: Type): boolean {
  if (sameType(parameter, type)) return false;
  if (type.kind !== 'param') return type.params.every((inner) => isFreeIn(found, parameter, inner));
  const known = found.get(type.name);
  return known === undefined || isFreeIn(found, parameter, known);
}

const isWild = (type: Type): boolean => type.kind === 'error' || isDyn(type);

const NULLABLE: ReadonlySet<string> = new Set(['optional', 'opaque', 'object', 'time']);
const isNullable = (type: Type): boolean => type === NULL || type.kind === 'null' || NULLABLE.has(type.kind);

function isLessSpecific(a: Type, b: Type): boolean {
  if (isDyn(a) || a.kind === 'param') return true;
  if (isDyn(b) || b.kind === 'param') return false;
  if (a.kind !== b.kind || a.name !== b.name) return false;
  if (a.kind === 'type') return true;
  return a.params.length === b.params.length && a.params.every((type, i) => isLessSpecific(type, b.params[i] ?? DYN));
}
