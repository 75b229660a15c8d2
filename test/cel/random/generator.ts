// Writes random expressions from the signatures of all functions: of the types that they take, now and then of another.

import { FUNCTIONS } from '../../../src/cel/functions/index.ts';
import type { Overload } from '../../../src/cel/functions/table.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  optionalOf,
  parseType,
  STRING,
  TIMESTAMP,
  type Type,
  UINT,
} from '../../../src/cel/types/type.ts';
import type { Random } from '../../fuzz/random.ts';
import { CLAIMS, literalOf } from './literals.ts';

/** Variables of the loops around, by name. */
type Locals = readonly { readonly name: string; readonly type: Type }[];

const SIMPLE = [BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT] as const;
const LIBRARY = ['net.IP', 'net.CIDR', 'kubernetes.URL', 'kubernetes.Quantity', 'kubernetes.Semver']
  .concat('kubernetes.NamedFormat', 'map<string, list<string>>', 'optional_type<list<string>>')
  .map(parseType);
const TYPES = ['int', 'string', 'list', 'null_type', 'google.protobuf.Duration', 'type'] as const;
const KEYS = [STRING, INT, BOOL, UINT] as const;

const OPERATOR = /^_?(&&|\|\||[=!<>]=|[<>+*/%]|-|!)_$/;
const UNNAMED = new Set(['@not_strictly_false', 'cel.@mapInsert', '@sortByAssociatedKeys']);
const OVERLOADS = [...FUNCTIONS.values()].flat().filter(({ name }) => !UNNAMED.has(name));

/** An expression of at most this depth and some type. */
export function randomExpression(random: Random, depth: number): string {
  let inRange = 0;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[random.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };

  function simpleType(): Type {
    return pick(random.oneIn(4) ? LIBRARY : SIMPLE);
  }

  function anyType(inner: () => Type): Type {
    switch (random.below(8)) {
      case 0:
        return listOf(inner());
      case 1:
        return mapOf(pick(KEYS), inner());
      case 2:
        return optionalOf(inner());
      default:
        return inner();
    }
  }

  /** An expression of the type; once in a while of another one. */
  function of(type: Type, left: number, locals: Locals): string {
    if (left < depth && random.oneIn(60)) return of(random.oneIn(4) ? DYN : anyType(simpleType), left - 1, locals);
    if (left <= 0 || random.oneIn(6)) return leaf(type, locals);
    switch (random.below(10)) {
      case 0:
        return `(${of(BOOL, left - 1, locals)} ? ${of(type, left - 1, locals)} : ${of(type, left - 1, locals)})`;
      case 1:
        return `[${of(type, left - 1, locals)}, ${of(type, left - 1, locals)}][${pick(['0', '1', '1', '2', '0u', '1.0'])}]`;
      case 2:
        return `{'k': ${of(type, left - 1, locals)}}${pick(['.k', "['k']", '.x', '.?k.value()', "[?'k'].value()"])}`;
      case 3:
        return `${of(optionalOf(type), left - 1, locals)}${pick([`.orValue(${of(type, left - 1, locals)})`, '.value()'])}`;
      case 4:
      case 5:
        return macro(type, left, locals) ?? call(type, left, locals);
      default:
        return call(type, left, locals);
    }
  }

  function leaf(type: Type, locals: Locals): string {
    const own = locals.filter((local) => local.type.kind === 'dyn' || local.type.name === type.name);
    if (own.length > 0 && !random.oneIn(3)) return inRange > 0 ? `dyn(${pick(own).name})` : pick(own).name;
    if (random.oneIn(5)) return claim(type);
    if (type.kind === 'list') return list(type, 0, locals);
    if (type.kind === 'map') return `{${key(type.params[0])}: ${leaf(type.params[1] ?? DYN, locals)}}`;
    if (type.kind === 'optional') {
      return random.oneIn(4) ? 'optional.none()' : `optional.of(${leaf(type.params[0] ?? DYN, locals)})`;
    }
    if (type.kind === 'type') return pick(TYPES);
    return literalOf(type.name, random) ?? (random.oneIn(8) ? 'null' : leaf(simpleType(), locals));
  }

  function claim(type: Type): string {
    const found = pick(CLAIMS);
    if (type.kind === 'optional' && inRange === 0) return found.replace(/\.(\w+)$/, '.?$1');
    if (type.kind === 'scalar' && random.oneIn(2)) return `${type.name}(${found})`;
    return inRange > 0 || random.oneIn(2) ? `dyn(${found})` : found;
  }

  function list(type: Type, left: number, locals: Locals): string {
    const element = type.params[0] ?? DYN;
    return `[${Array.from({ length: random.below(4) }, () => of(element, left, locals)).join(', ')}]`;
  }

  /** Other keys are refused here. */
  function key(type: Type = STRING): string {
    const known = KEYS.find(({ name }) => name === type.name) ?? STRING;
    return literalOf(known.name, random) ?? "'k'";
  }

  /** A loop over what the checker takes for a claim is refused in kube-apiserver alone: `dyn()` stands around each. */
  function range(element: Type, left: number, locals: Locals): string {
    inRange++;
    const found = rangeOf(element, left, locals);
    inRange--;
    return found;
  }

  /** What a loop walks over: a list, a map of one key, or a claim. */
  function rangeOf(element: Type, left: number, locals: Locals): string {
    if (random.oneIn(5)) return `dyn(${pick(CLAIMS)})`;
    if (random.oneIn(6)) return `{${key(pick(KEYS))}: ${of(element, left, locals)}}`;
    return random.oneIn(2) ? list(listOf(element), left, locals) : of(listOf(element), left, locals);
  }

  function macro(type: Type, left: number, locals: Locals): string | undefined {
    const [name, second] = [`x${locals.length}`, `y${locals.length}`];
    const element = simpleType();
    const one = [...locals, { name, type: element }];
    const two = [...locals, { name, type: INT }, { name: second, type: element }];
    const over = () => range(element, left - 1, locals);
    if (type.name === 'bool') {
      if (random.oneIn(9)) return `(type(${of(simpleType(), left - 1, locals)}) == ${pick(TYPES)})`;
      if (random.oneIn(5)) return `has(${pick(CLAIMS).replace(/\[.*$/, '.k')})`;
      const quantifier = pick(['all', 'exists', 'exists_one', 'existsOne']);
      return random.oneIn(2)
        ? `${over()}.${quantifier}(${name}, ${of(BOOL, left - 1, one)})`
        : `${over()}.${quantifier}(${name}, ${second}, ${of(BOOL, left - 1, two)})`;
    }
    if (type.kind === 'list') {
      const wanted = type.params[0] ?? DYN;
      const [as, into] = [of(wanted, left - 1, one), of(wanted, left - 1, two)];
      const same = () => range(wanted, left - 1, locals);
      return pick([
        () => `${over()}.map(${name}, ${as})`,
        () => `${over()}.map(${name}, ${of(BOOL, left - 1, one)}, ${as})`,
        () => `${same()}.filter(${name}, ${of(BOOL, left - 1, [...locals, { name, type: wanted }])})`,
        () => `${over()}.transformList(${name}, ${second}, ${into})`,
        () => `${over()}.transformList(${name}, ${second}, ${of(BOOL, left - 1, two)}, ${into})`,
        () => `${same()}.sortBy(${name}, ${of(pick(SIMPLE), left - 1, [...locals, { name, type: wanted }])})`,
      ])();
    }
    if (type.kind === 'map' && type.params[1]?.kind === 'list' && random.oneIn(2)) {
      return `${of(parseType('kubernetes.URL'), left - 1, locals)}.getQuery()`;
    }
    if (type.kind === 'map') {
      const into = of(type.params[1] ?? DYN, left - 1, two);
      return pick([
        () => `${over()}.transformMap(${name}, ${second}, ${into})`,
        () => `${over()}.transformMapEntry(${name}, ${second}, {${key(type.params[0])}: ${into}})`,
      ])();
    }
    if (type.kind !== 'optional') return undefined;
    const inner = type.params[0] ?? DYN;
    const from = of(optionalOf(element), left - 1, locals);
    return random.oneIn(2)
      ? `${from}.optMap(${name}, ${of(inner, left - 1, one)})`
      : `${from}.optFlatMap(${name}, ${of(type, left - 1, one)})`;
  }

  function call(type: Type, left: number, locals: Locals): string {
    const fitting = OVERLOADS.filter(({ result }) => fits(result, type));
    // Every function equally often, however many signatures it has.
    const names = [...new Set(fitting.map((overload) => overload.name))];
    if (names.length === 0) return leaf(type, locals);
    const name = pick(names);
    const overload = pick(fitting.filter((one) => one.name === name));
    const bound = bindings(overload, type);
    const args = overload.params.map((param) => of(replaced(param, bound), left - 1, locals));
    return written(overload, args);
  }

  function bindings(overload: Overload, type: Type): ReadonlyMap<string, Type> {
    const { result, typeParams } = overload;
    const bound = new Map(typeParams.map((name) => [name, simpleType()]));
    bind(result, type, bound);
    for (const name of ['K', 'A'].filter((one) => overload.params.some((param) => isKey(param, one)))) {
      if (!KEYS.some((known) => known.name === bound.get(name)?.name)) bound.set(name, pick(KEYS));
    }
    return bound;
  }

  return of(
    anyType(() => pick(SIMPLE)),
    depth,
    [],
  );
}

const isKey = ({ kind, params }: Type, name: string): boolean =>
  (kind === 'map' && params[0]?.name === name) || params.some((inner) => isKey(inner, name));

/** True when a function with this result can give the type. */
function fits(result: Type, type: Type): boolean {
  if (result.kind === 'param') return true;
  if (type.kind === 'dyn') return true;
  return result.name === type.name && result.params.every((inner, i) => fits(inner, type.params[i] ?? DYN));
}

function bind(result: Type, type: Type, bound: Map<string, Type>): void {
  if (result.kind === 'param' && type.kind !== 'dyn') bound.set(result.name, type);
  for (const [i, inner] of result.params.entries()) {
    const outer = type.params[i];
    if (outer !== undefined) bind(inner, outer, bound);
  }
}

function replaced(type: Type, bound: ReadonlyMap<string, Type>): Type {
  if (type.kind === 'param') return bound.get(type.name) ?? DYN;
  return { ...type, params: type.params.map((inner) => replaced(inner, bound)) };
}

function written({ name, isMethod }: Overload, args: readonly string[]): string {
  const [first = '', second = '', third = ''] = args;
  if (name === '_?_:_') return `(${first} ? ${second} : ${third})`;
  if (name === '_[_]') return `${first}[${second}]`;
  if (name === '_[?_]') return `${first}[?${second}]`;
  if (name === '@in') return `(${first} in ${second})`;
  const [, operator] = OPERATOR.exec(name) ?? [];
  if (operator !== undefined) return args.length === 1 ? `(${operator}${first})` : `(${first} ${operator} ${second})`;
  return isMethod ? `${first}.${name}(${args.slice(1).join(', ')})` : `${name}(${args.join(', ')})`;
}
