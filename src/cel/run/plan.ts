// Turns a checked expression into functions that evaluate it (cel-go interpreter/planner.go).

import type { Expr, ListExpr, MapExpr, Select } from '../syntax/tree.ts';
import type { Checked } from '../types/check.ts';
import {
  CelMap,
  Fault,
  fault,
  type Key,
  keyOf,
  List,
  NO_OVERLOAD,
  Optional,
  type Outcome,
  TypeName,
  type Value,
} from '../values/value.ts';
import { chain, resolve, type Step, withStep } from './attributes.ts';
import { planCall } from './calls.ts';
import { type Frame, newFrame, type Run } from './frame.ts';
import { planLoop } from './loops.ts';
import {
  attributeOf,
  attributePlan,
  constant,
  type Local,
  type Plan,
  type Planner,
  placed,
  type Scope,
} from './planned.ts';

/** How to evaluate the expression, or why it cannot be used. */
export function planExpression(root: Expr, checked: Checked): Run | Fault {
  const faults: Fault[] = [];
  const plans = new Map<Expr, Plan>();
  const planner = (scope: Scope): Planner => ({
    checked,
    scope,
    refuse: (words, { start, end }) => faults.push(new Fault(words, start, end)),
    plan(expr, inner = scope) {
      const known = plans.get(expr) ?? planPart(expr, planner(inner));
      plans.set(expr, known);
      return known;
    },
  });
  const { run } = planner({ locals: new Map(), used: 0 }).plan(root);
  return faults[0] ?? run;
}

function planPart(expr: Expr, planner: Planner): Plan {
  switch (expr.kind) {
    case 'literal':
      return constant(expr.value);
    case 'ident':
      return planIdent(expr.name, expr, planner);
    case 'select':
      return planSelect(expr, planner);
    case 'call':
      return planCall(expr, planner);
    case 'list':
      return planList(expr, planner);
    case 'map':
      return planMap(expr, planner);
    case 'loop':
      return { run: planLoop(expr, planner) };
  }
}

function planIdent(name: string, expr: Expr, { checked, scope }: Planner): Plan {
  const type = checked.typeNames.get(expr);
  if (type !== undefined) return constant(new TypeName(type));
  const local = scope.locals.get(name);
  if (local !== undefined) return attributePlan(chain(readLocal(local)), expr);
  return attributePlan(
    chain((frame) => readVariable(frame, name)),
    expr,
  );
}

function readVariable({ variables }: Frame, name: string): Outcome {
  const read = variables.get(name);
  return read === undefined ? fault(`unknown variable: ${name}`) : read();
}

function readLocal({ slot, init }: Local): Run {
  return (frame) => {
    const value = frame.slots[slot];
    if (value !== undefined) return value;
    if (init === undefined) return NO_OVERLOAD;
    const first = init(frame);
    frame.slots[slot] = first;
    return first;
  };
}

function planSelect(expr: Select, planner: Planner): Plan {
  const type = planner.checked.typeNames.get(expr);
  if (type !== undefined) return constant(new TypeName(type));
  const operand = attributeOf(planner.plan(expr.operand));
  const step: Step = { key: expr.field, optional: false, test: expr.test, at: expr.start, end: expr.end };
  const attribute = withStep(operand, step);
  return expr.test ? { run: (frame) => present(resolve(attribute, frame)) } : attributePlan(attribute, expr);
}

/** Of an optional chain `has()` gives whether it ends in a value. */
const present = (outcome: Outcome): Outcome => (outcome instanceof Optional ? outcome.value !== undefined : outcome);

const LIST_UNITS = 10;
const MAP_UNITS = 30;

function planList({ elements, optional, start, end }: ListExpr, planner: Planner): Plan {
  const parts = elements.map((element) => planner.plan(element));
  const build = (frame: Frame): Outcome => {
    const items: Value[] = [];
    for (const [i, { run }] of parts.entries()) {
      const item = entryValue(run(frame), optional.has(i));
      if (item instanceof Fault) return placed(item, start, end);
      if (item !== undefined) items.push(item);
    }
    return new List(items);
  };
  return folded(parts, build, LIST_UNITS);
}

function planMap({ entries, start, end }: MapExpr, planner: Planner): Plan {
  const parts = entries.map(({ key, value, optional }) => ({
    key: planner.plan(key),
    value: planner.plan(value),
    optional,
  }));
  const build = (frame: Frame): Outcome => {
    const made = new Map<Key, Value>();
    for (const { key, value, optional } of parts) {
      const wrong = setEntry(made, key.run(frame), entryValue(value.run(frame), optional));
      if (wrong !== undefined) return placed(wrong, start, end);
    }
    return new CelMap(made);
  };
  return folded(
    parts.flatMap(({ key, value }) => [key, value]),
    build,
    MAP_UNITS,
  );
}

function setEntry(made: Map<Key, Value>, name: Outcome, value: Outcome | undefined): Fault | undefined {
  if (name instanceof Fault) return name;
  if (value instanceof Fault) return value;
  const key = keyOf(name);
  if (key === undefined) return fault('the key of a map is a string, a number or a bool');
  if (value === undefined) made.delete(key);
  else made.set(key, value);
  return undefined;
}

/** The value of an element or entry; of `?element` what its optional holds, undefined for none. */
function entryValue(value: Outcome, isOptional: boolean): Outcome | undefined {
  if (!isOptional || value instanceof Fault) return value;
  return value instanceof Optional ? value.value : fault('?… takes an optional');
}

/** What consists of constants is built once and costs nothing. */
function folded(parts: readonly Plan[], build: Run, units: number): Plan {
  if (parts.every((part) => part.constant !== undefined)) {
    const value = build(newFrame());
    if (!(value instanceof Fault)) return constant(value);
  }
  return {
    run: (frame) => {
      frame.meter.pay(units);
      return build(frame);
    },
  };
}
