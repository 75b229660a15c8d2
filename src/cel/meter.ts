// Bounds the work of one evaluation: cel-js has no limit of its own, so every node of a compiled tree pays before it runs.

import { allNodes, binaryOperands, callOf, type Evaluate, isPlainObject, type Node, rangeOf } from './ast.ts';

/** Units per evaluation, as kube-apiserver's per-call limit (k8s.io/apiserver pkg/apis/cel/config.go, PerCallLimit). */
export const COST_LIMIT = 1_000_000;

/** Thrown when the units are used up. It may be swallowed on its way by `||` or `exists`, so `metered` looks again. */
const EXHAUSTED = new Error('cost limit exceeded');

/** kube-apiserver counts about as much for a step, and more for the bookkeeping of a loop. */
const UNITS_PER_NODE = 2;
const CHARACTERS_PER_UNIT = 8;
/** Formats a date with a time zone. */
const UNITS_PER_TIME_ZONE = 1_000;

let unitsLeft = 0;

/** Pays for work; throws when the evaluation may not go on. */
export function charge(units: number): void {
  unitsLeft -= units;
  if (unitsLeft < 0) throw EXHAUSTED;
}

/** Runs one evaluation with fresh units; `exhausted` is true when it used more, whatever it returned. Not re-entrant. */
export function metered<T>(evaluate: () => T): {
  readonly value?: T;
  readonly error?: unknown;
  readonly exhausted: boolean;
} {
  unitsLeft = COST_LIMIT;
  try {
    const value = evaluate();
    return { value, exhausted: unitsLeft < 0 };
  } catch (error) {
    return { error, exhausted: unitsLeft < 0 };
  }
}

/** Pays one unit for eight characters of a string or eight bytes, or for one element of a list. */
export function chargeSize(value: unknown): void {
  if (typeof value === 'string' || value instanceof Uint8Array) charge(value.length / CHARACTERS_PER_UNIT);
  else if (Array.isArray(value)) charge(value.length);
}

/** Pays for everything inside a value: what a comparison may have to look at. */
export function chargeDeep(value: unknown): void {
  charge(1);
  chargeSize(value);
  if (Array.isArray(value)) value.forEach(chargeDeep);
  else if (value instanceof Map) value.forEach(chargeDeep);
  else if (isPlainObject(value)) Object.values(value).forEach(chargeDeep);
}

/** Makes every node of a type-checked tree pay each time it is evaluated, and operands pay for their size. */
export function installMeter(root: Node): void {
  const nodes = allNodes(root);
  const sizes = new Map<Node, (value: unknown) => void>();
  for (const node of nodes) for (const [operand, size] of sizedOperands(node)) sizes.set(operand, size);
  for (const node of nodes) {
    if (node.meta.alternate === undefined) node.evaluate = payingNode(node, sizes.get(node));
  }
}

function payingNode(node: Node, size: ((value: unknown) => void) | undefined): Evaluate {
  const run = evaluateOf(node);
  const units = UNITS_PER_NODE + surcharge(node);
  if (size === undefined) {
    return (evaluator, self, scope) => {
      charge(units);
      return run(evaluator, self, scope);
    };
  }
  return (evaluator, self, scope) => {
    charge(units);
    const value = run(evaluator, self, scope);
    size(value);
    return value;
  };
}

function evaluateOf(node: Node): Evaluate {
  const { macro } = node.meta;
  return macro === undefined
    ? node.meta.evaluate
    : (evaluator, _node, scope) => macro.evaluate(evaluator, macro, scope);
}

/** Macros stand for the tree they expanded to, so the size is taken of that. */
function expanded(node: Node): Node {
  let tree = node;
  while (tree.meta.alternate !== undefined) tree = tree.meta.alternate;
  return tree;
}

function sizedOperands(node: Node): [Node, (value: unknown) => void][] {
  const range = rangeOf(node);
  if (range !== undefined) return [[expanded(range), chargeKeys]];
  const call = callOf(node);
  const operands = call?.operands ?? binaryOperands(node) ?? [];
  const size = call?.name === 'duration' ? chargeDuration : (DEEP[node.op] ?? chargeSize);
  return operands.map((operand) => [expanded(operand), size]);
}

const DEEP: Readonly<Record<string, typeof chargeDeep>> = { '==': chargeDeep, '!=': chargeDeep, in: chargeRange };

function chargeRange(value: unknown): void {
  if (Array.isArray(value)) chargeDeep(value);
}

/** A loop over a map starts by listing its keys, even when its first step ends it. */
function chargeKeys(value: unknown): void {
  if (value instanceof Map) charge(value.size);
  else if (isPlainObject(value)) charge(Object.keys(value).length);
}

/** cel-js reads durations with an expression that backtracks: cubic in a string without a unit. */
function chargeDuration(value: unknown): void {
  if (typeof value === 'string') charge(value.length ** 3 / CHARACTERS_PER_UNIT);
}

function surcharge(node: Node): number {
  const call = callOf(node);
  return call !== undefined && call.operands.length === 2 && /^get[A-Z]/.test(call.name) ? UNITS_PER_TIME_ZONE : 0;
}
