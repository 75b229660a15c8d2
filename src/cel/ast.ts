// The part of cel-js's syntax tree that is read and changed here, and the walk over all of it.

/** How a node is evaluated: with cel-js's evaluator, the node itself and the variables in scope. */
export type Evaluate = (evaluator: unknown, node: unknown, scope: unknown) => unknown;

/** A macro such as `has` or `cel.bind`: evaluates its own operands. */
export interface Macro {
  readonly evaluate: Evaluate;
}

/** A node of the tree; `args` depends on `op`. */
export interface Node {
  readonly op: string;
  args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly evaluate: Evaluate; readonly alternate?: Node; readonly macro?: Macro };
  evaluate: Evaluate;
  setMeta(key: string, value: unknown): Node;
}

/** A function call: `name(operands)`, or `operands[0].name(…)` with a receiver. */
export interface Call {
  readonly name: string;
  readonly operands: readonly Node[];
  rename(name: string): void;
}

/** Every node below and with `root`, those that macros expanded to included, each once. */
export function allNodes(root: Node): ReadonlySet<Node> {
  const seen = new Set<Node>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) pending.push(...value);
    else if (isNode(value)) {
      if (seen.has(value)) continue;
      seen.add(value);
      if (value.op !== 'value') pending.push(value.args);
      pending.push(value.meta.alternate, value.meta.macro);
    } else if (isPlainObject(value)) pending.push(...Object.values(value));
  }
  return seen;
}

/** The tree that cel-js parsed. */
export function treeOf(ast: unknown): Node {
  if (!isNode(ast)) throw new TypeError('not a syntax tree of cel-js');
  return ast;
}

/** The call that a node makes, or undefined when it is none. */
export function callOf(node: Node): Call | undefined {
  const { op, args } = node;
  if ((op !== 'call' && op !== 'rcall') || !Array.isArray(args)) return undefined;
  const name: string = args[0];
  const operands: readonly Node[] = op === 'rcall' ? [args[1], ...args[2]] : args[1];
  return {
    name,
    operands,
    rename(newName) {
      args[0] = newName;
    },
  };
}

/** The operands of a binary operator such as `==`, or undefined when the node is none. */
export function binaryOperands({ op, args }: Node): readonly Node[] | undefined {
  return BINARY.has(op) && Array.isArray(args) ? args : undefined;
}

/** The key of `base.key`, `base.?key` or `base['key']` when it stands in the source, else undefined. */
export function accessOf({ op, args }: Node): { readonly base: Node; readonly key: string } | undefined {
  if (!ACCESS.has(op) || !Array.isArray(args)) return undefined;
  const [base, key]: unknown[] = args;
  const text = isNode(key) && key.op === 'value' ? key.args : key;
  return isNode(base) && typeof text === 'string' ? { base, key: text } : undefined;
}

/** What a loop such as `all` or `map` goes over, or undefined when the node is none. */
export function rangeOf({ op, args }: Node): Node | undefined {
  if (op !== 'comprehension' || !isPlainObject(args) || !('iterable' in args)) return undefined;
  return isNode(args.iterable) ? args.iterable : undefined;
}

const BINARY = new Set(['==', '!=', 'in', '+', '-', '*', '/', '%', '<', '<=', '>', '>=']);
const ACCESS = new Set(['.', '.?', '[]', '[?]']);

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'meta' in value && 'setMeta' in value;
}

/** Macros and comprehensions keep their nodes in plain objects; scopes and types are instances of classes. */
export function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
