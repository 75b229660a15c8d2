// The type checker of kube-apiserver's compiler (cel-go checker/checker.go): gives every part of an expression a type.

import type { Overload } from '../functions/table.ts';
import {
  type Call,
  type Expr,
  type ListExpr,
  type Loop,
  type MapExpr,
  OPTIONAL_SELECT,
  type Select,
  type Span,
} from '../syntax/tree.ts';
import { Fault, typeNameOf } from '../values/value.ts';
import { assign, mostGeneral, type Substitutions, substitute } from './assign.ts';
import { qualifiedName, type TypeEnvironment } from './environment.ts';
import { noOverload, type Resolved, resolveCall } from './overloads.ts';
import {
  BOOL,
  DYN,
  ERROR,
  INT,
  isDyn,
  listOf,
  mapOf,
  optionalOf,
  param,
  TYPE_NAMES,
  type Type,
  typeOf,
  typeText,
} from './type.ts';

/** What the checker found out about an expression. */
export interface Checked {
  readonly types: ReadonlyMap<Expr, Type>;
  /** What each call may run. */
  readonly calls: ReadonlyMap<Call, Resolved>;
  /** Names that stand for a type: `int`, `google.protobuf.Timestamp`. */
  readonly typeNames: ReadonlyMap<Expr, string>;
}

/** The types of all parts, or the first fault. */
export function check(root: Expr, environment: TypeEnvironment): Checked | Fault {
  const checker = new Checker(environment);
  checker.check(root);
  return checker.faults[0] ?? checker.checked();
}

/** The variables of loops. */
type Locals = ReadonlyMap<string, Type>;

class Checker {
  readonly faults: Fault[] = [];
  readonly #environment: TypeEnvironment;
  readonly #types = new Map<Expr, Type>();
  readonly #calls = new Map<Call, Resolved>();
  readonly #typeNames = new Map<Expr, string>();
  #known: Substitutions = new Map();
  #locals: Locals = new Map();
  #fresh = 0;

  constructor(environment: TypeEnvironment) {
    this.#environment = environment;
  }

  checked(): Checked {
    const types = new Map([...this.#types].map(([expr, type]) => [expr, substitute(this.#known, type, true)]));
    return { types, calls: this.#calls, typeNames: this.#typeNames };
  }

  /** Macros use a part twice; it has the same type both times. */
  check(expr: Expr): Type {
    const type = this.#types.get(expr) ?? this.#typeOf(expr);
    this.#types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return TYPE_NAMES.get(typeNameOf(expr.value)) ?? ERROR;
      case 'ident':
        return this.#named(expr, expr.name) ?? this.#refuse(`unknown variable: ${expr.name}`, expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return expr.name === OPTIONAL_SELECT ? this.#optionalSelect(expr) : this.#call(expr);
      case 'list':
        return listOf(this.#list(expr));
      case 'map':
        return this.#map(expr);
      case 'loop':
        return this.#loop(expr);
    }
  }

  #refuse(words: string, { start, end }: Span): Type {
    this.faults.push(new Fault(words, start, end));
    return ERROR;
  }

  #now(type: Type): Type {
    return substitute(this.#known, type);
  }

  #agree(from: Type, to: Type): boolean {
    const found = assign(this.#known, from, to);
    if (found !== undefined) this.#known = found;
    return found !== undefined;
  }

  #freeType(): Type {
    return param(`_${this.#fresh++}`);
  }

  /** The type of a variable or of a type's name; undefined when there is none. A dot in front passes over loops. */
  #named(expr: Expr, name: string): Type | undefined {
    const plain = name.replace(/^\./, '');
    const variable = (plain === name ? this.#locals.get(name) : undefined) ?? this.#environment.variables.get(plain);
    if (variable !== undefined) return variable;
    const type = TYPE_NAMES.get(plain);
    if (type === undefined) return undefined;
    this.#typeNames.set(expr, plain);
    return typeOf(type);
  }

  #select(expr: Select): Type {
    const name = expr.test ? undefined : qualifiedName(expr);
    const isLocal = name !== undefined && this.#locals.has(name.slice(0, name.indexOf('.')));
    const named = name === undefined || isLocal ? undefined : this.#named(expr, name);
    if (named !== undefined) return named;
    const type = this.#field(expr, expr.operand, expr.field, false);
    return expr.test ? BOOL : this.#now(type);
  }

  #optionalSelect(expr: Call): Type {
    const [operand, field] = expr.args;
    if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') return ERROR;
    return this.#now(this.#field(expr, operand, field.value, true));
  }

  #field(expr: Expr, operand: Expr, field: string, isOptional: boolean): Type {
    const type = this.#now(this.check(operand));
    const target = type.kind === 'optional' ? (type.params[0] ?? DYN) : type;
    const result = this.#fieldOf(expr, target, field);
    return type.kind === 'optional' || isOptional ? optionalOf(result) : result;
  }

  #fieldOf(expr: Expr, target: Type, field: string): Type {
    if (target.kind === 'map') return target.params[1] ?? DYN;
    if (target.kind === 'object') {
      const fields = this.#environment.fields.get(target.name) ?? {};
      return fields[field] ?? this.#refuse(`unknown field: ${field}`, expr);
    }
    if (target.kind === 'param') this.#agree(DYN, target);
    else if (!isDyn(target) && target.kind !== 'error') this.#refuse(`type ${typeText(target)} has no fields`, expr);
    return DYN;
  }

  #call(expr: Call): Type {
    const args = expr.args.map((arg) => this.check(arg));
    const prefix = expr.target === undefined ? undefined : qualifiedName(expr.target);
    const namespaced = this.#functions(prefix === undefined ? expr.name : `${prefix}.${expr.name}`);
    if (expr.target === undefined || (prefix !== undefined && namespaced !== undefined)) {
      return this.#resolve(expr, namespaced, args, false);
    }
    return this.#resolve(expr, this.#functions(expr.name), [this.check(expr.target), ...args], true);
  }

  #functions(name: string): readonly Overload[] | undefined {
    return this.#environment.functions.get(name.replace(/^\./, ''));
  }

  #resolve(expr: Call, overloads: readonly Overload[] | undefined, operands: readonly Type[], isMethod: boolean): Type {
    if (overloads === undefined) return this.#refuse(`unknown function: ${expr.name}`, expr);
    const found = resolveCall(overloads, operands, isMethod, this.#known, () => this.#fresh++);
    if (found === undefined) {
      const shown = operands.map((type) => typeText(substitute(this.#known, type, true)));
      return this.#refuse(noOverload(expr.name, shown, isMethod), expr);
    }
    this.#known = found.known;
    this.#calls.set(expr, found);
    return found.type;
  }

  #list({ elements, optional }: ListExpr): Type {
    let type: Type | undefined;
    for (const [i, element] of elements.entries()) type = this.#join(type, this.#entry(element, optional.has(i)));
    return type ?? this.#freeType();
  }

  #map({ entries }: MapExpr): Type {
    let [key, value]: (Type | undefined)[] = [];
    for (const entry of entries) {
      key = this.#join(key, this.check(entry.key));
      value = this.#join(value, this.#entry(entry.value, entry.optional));
    }
    return mapOf(key ?? this.#freeType(), value ?? this.#freeType());
  }

  /** The type of an element; of `?element` the type that its optional holds. */
  #entry(expr: Expr, isOptional: boolean): Type {
    const type = this.check(expr);
    if (!isOptional) return type;
    if (type.kind === 'optional') return type.params[0] ?? DYN;
    return isDyn(type) ? type : this.#refuse(`?… takes an optional, not ${typeText(type)}`, expr);
  }

  /** Elements that do not agree make a literal of dyn; which only the operands of `format` may be. */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    return this.#agree(previous, current) ? mostGeneral(previous, current) : DYN;
  }

  #loop(loop: Loop): Type {
    const range = this.#now(this.check(loop.range));
    const collected = this.check(loop.init);
    const outside = this.#locals;
    const accumulating = new Map([...outside, [loop.accumulator, collected]]);
    this.#locals = new Map([...accumulating, ...this.#loopVariables(loop, range)]);
    this.#mustBe(loop.condition, BOOL);
    this.#mustBe(loop.step, collected);
    this.#locals = accumulating;
    const result = this.check(loop.result);
    this.#locals = outside;
    return this.#now(result);
  }

  #loopVariables({ range: expr, variable, second }: Loop, range: Type): [string, Type][] {
    const types = this.#loopTypes(expr, range, second !== undefined);
    const names = second === undefined ? [variable] : [variable, second];
    return names.map((name, i) => [name, types[i] ?? DYN]);
  }

  #loopTypes(expr: Expr, range: Type, hasTwo: boolean): readonly Type[] {
    if (range.kind === 'list') return hasTwo ? [INT, ...range.params] : range.params;
    if (range.kind === 'map') return range.params;
    if (range.kind === 'param') this.#agree(DYN, range);
    else if (!isDyn(range) && range.kind !== 'error')
      this.#refuse(`a loop goes over a list or a map, not ${typeText(range)}`, expr);
    return [];
  }

  #mustBe(expr: Expr, type: Type): void {
    const found = this.check(expr);
    if (!this.#agree(type, found)) this.#refuse(`expected type ${typeText(type)} but found ${typeText(found)}`, expr);
  }
}
