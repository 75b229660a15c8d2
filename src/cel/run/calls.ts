// Plans calls: operators that do not evaluate every operand, constants that are computed once, and all other functions.

import { type Call, CONDITIONAL, INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT } from '../syntax/tree.ts';
import type { Resolved } from '../types/overloads.ts';
import { equal } from '../values/compare.ts';
import { Fault, List, NO_OVERLOAD, Optional, type Outcome, type Value } from '../values/value.ts';
import { resolve, withStep } from './attributes.ts';
import { costFunction, costOf } from './costs.ts';
import { dispatchOf } from './dispatch.ts';
import { newFrame, type Run } from './frame.ts';
import { attributeOf, attributePlan, constant, type Plan, type Planner, placed } from './planned.ts';
import { planSearch } from './search.ts';

type PlanOf = (call: Call, operands: readonly Plan[], planner: Planner) => Plan | undefined;

/** Calls that are more than a function of their operands; undefined leaves one to {@link planFunction}. */
const PLANS: Readonly<Record<string, PlanOf>> = {
  '_&&_': (_call, operands) => ({ run: logical(operands, false) }),
  '_||_': (_call, operands) => ({ run: logical(operands, true) }),
  '@not_strictly_false': (_call, [operand]) => ({ run: notStrictlyFalse(operand) }),
  '_==_': (call, operands) => ({ run: comparison(call, operands, true) }),
  '_!=_': (call, operands) => ({ run: comparison(call, operands, false) }),
  [CONDITIONAL]: planConditional,
  [INDEX]: (call, operands, planner) => planStep(call, operands, planner, false),
  [OPTIONAL_INDEX]: (call, operands, planner) => planStep(call, operands, planner, true),
  [OPTIONAL_SELECT]: (call, operands, planner) => planStep(call, operands, planner, true),
  or: (call, operands) => ({ run: alternative(call, operands, (found) => found) }),
  orValue: (call, operands) => ({ run: alternative(call, operands, ({ value = NO_OVERLOAD }) => value) }),
  '@in': planMembership,
  matches: planSearch,
  find: planSearch,
  findAll: planSearch,
};

/** What a constant operand makes constant: `duration('1h')`, `int('12')`. */
const CONVERSIONS = /^(?:bool|bytes|double|duration|dyn|int|string|timestamp|type|uint)$/;

export function planCall(call: Call, planner: Planner): Plan {
  const resolved = planner.checked.calls.get(call);
  const target = resolved?.isMethod === true ? call.target : undefined;
  const operands = (target === undefined ? call.args : [target, ...call.args]).map((expr) => planner.plan(expr));
  const planned = PLANS[call.name]?.(call, operands, planner);
  if (planned !== undefined || resolved === undefined) return planned ?? constant(null);
  const run = planFunction(call, resolved, operands);
  const isConstant = operands.length === 1 && operands[0]?.constant !== undefined && CONVERSIONS.test(call.name);
  if (!isConstant) return { run };
  const value = run(newFrame());
  if (!(value instanceof Fault)) return constant(value);
  planner.refuse(value.words, call);
  return { run };
}

/** Evaluates all operands and then the function; a fault of an operand is the fault of the call. */
function planFunction({ name, start, end }: Call, resolved: Resolved, operands: readonly Plan[]): Run {
  const cost = costFunction(resolved.overloads[0]?.name ?? name);
  const dispatch = dispatchOf(resolved, operands.length);
  return (frame) => {
    const outcomes: Outcome[] = [];
    let wrong: Fault | undefined;
    for (const { run } of operands) {
      const outcome = run(frame);
      outcomes.push(outcome);
      if (!(outcome instanceof Fault)) continue;
      if (operands.length > 2) return outcome;
      wrong ??= outcome;
    }
    const result = isWithoutFault(outcomes) ? dispatch(outcomes, frame.meter) : (wrong ?? NO_OVERLOAD);
    frame.meter.pay(cost(outcomes, result, resolved.only));
    return placed(result, start, end);
  };
}

const isWithoutFault = (outcomes: readonly Outcome[]): outcomes is readonly Value[] =>
  !outcomes.some((outcome) => outcome instanceof Fault);

/** `true || fault` is true in both orders; what is no bool is a fault (cel-go interpreter, evalOr and evalAnd). */
function logical(operands: readonly Plan[], decisive: boolean): Run {
  return (frame) => {
    let wrong: Fault | undefined;
    for (const { run } of operands) {
      const outcome = run(frame);
      if (outcome === decisive) return decisive;
      if (typeof outcome !== 'boolean') wrong ??= outcome instanceof Fault ? outcome : NO_OVERLOAD;
    }
    return wrong ?? !decisive;
  };
}

function notStrictlyFalse(operand: Plan | undefined): Run {
  return (frame) => {
    const outcome = operand?.run(frame);
    frame.meter.pay(1);
    return typeof outcome === 'boolean' ? outcome : true;
  };
}

function comparison({ name, start, end }: Call, [left, right]: readonly Plan[], wanted: boolean): Run {
  return (frame) => {
    const a = left?.run(frame) ?? null;
    const b = right?.run(frame) ?? null;
    frame.meter.pay(costOf(name, [a, b], null));
    if (a instanceof Fault) return a;
    if (b instanceof Fault) return b;
    const same = equal(a, b, frame.meter);
    return same instanceof Fault ? placed(same, start, end) : same === wanted;
  };
}

function planConditional(call: Call, [condition, yes, no]: readonly Plan[]): Plan {
  if (condition === undefined || yes === undefined || no === undefined) return constant(null);
  const run: Run = (frame) => {
    const outcome = condition.run(frame);
    return typeof outcome === 'boolean' || outcome instanceof Fault
      ? outcome
      : placed(NO_OVERLOAD, call.start, call.end);
  };
  return attributePlan({ kind: 'either', condition: run, yes: attributeOf(yes), no: attributeOf(no) }, call);
}

const CONSTANT_KEYS: ReadonlySet<string> = new Set(['string', 'bigint', 'number', 'boolean']);

function planStep(call: Call, [operand, key]: readonly Plan[], planner: Planner, optional: boolean): Plan {
  if (operand === undefined || key === undefined) return constant(null);
  const { start, end } = call;
  const step = { key: keyRun(key), optional, test: false, at: start, end };
  const constantKey = key.constant?.value;
  const isUsable = constantKey === undefined || CONSTANT_KEYS.has(typeof constantKey) || isUint(constantKey);
  if (!isUsable) planner.refuse('an index is a string, a number or a bool', call);
  return attributePlan(withStep(attributeOf(operand), step), call);
}

const isUint = (value: Value): boolean => typeof value === 'object' && value !== null && 'value' in value;

/** A variable as a key costs nothing of its own. */
function keyRun({ constant: fixed, attribute, run }: Plan): Value | Run {
  if (fixed !== undefined) return fixed.value;
  return attribute === undefined ? run : (frame) => resolve(attribute, frame);
}

/** `or` and `orValue` evaluate their operand only when the optional has no value. */
function alternative({ start, end }: Call, [left, right]: readonly Plan[], take: (found: Optional) => Outcome): Run {
  return (frame) => {
    const optional = left === undefined ? NO_OVERLOAD : left.run(frame);
    if (optional instanceof Fault) return optional;
    if (!(optional instanceof Optional)) return placed(NO_OVERLOAD, start, end);
    if (optional.value !== undefined) return take(optional);
    return right === undefined ? NO_OVERLOAD : right.run(frame);
  };
}

/** A list of constants was turned into a set by kube-apiserver's planner: looking into it costs nothing. */
function planMembership({ start, end }: Call, [item, list]: readonly Plan[]): Plan | undefined {
  const constants = list?.constant?.value;
  if (!(constants instanceof List) || !constants.items.every(isPrimitive)) return undefined;
  const run: Run = (frame) => {
    const value = item?.run(frame) ?? null;
    if (value instanceof Fault) return value;
    if (value instanceof Uint8Array) return placed(NO_OVERLOAD, start, end);
    return constants.items.some((one) => equal(value, one, frame.meter) === true);
  };
  return constants.items.length === 0 ? constant(false) : { run };
}

const isPrimitive = (value: Value): boolean => CONSTANT_KEYS.has(typeof value) || isUint(value);
