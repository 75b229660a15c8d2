// Writes macros out: loops and presence tests, as cel-go does it (parser/macro.go, ext/comprehensions.go, cel/library.go).

import { Fault } from '../values/value.ts';
import { type Call, CONDITIONAL, type Expr, type Ident, type Loop, type Span } from './tree.ts';

type Expander = (call: Call, make: Maker) => Expr | Fault;

/** Name, number of operands and whether there is a receiver, as in `map:2:true`. */
const MACROS: Readonly<Record<string, Expander>> = {
  'has:1:false': has,
  ...oneAndTwo('all', (make, test) => ({
    init: make.literal(true),
    condition: make.call('@not_strictly_false', make.result),
    step: make.call('_&&_', make.result, test),
  })),
  ...oneAndTwo('exists', (make, test) => ({
    init: make.literal(false),
    condition: make.call('@not_strictly_false', make.call('!_', make.result)),
    step: make.call('_||_', make.result, test),
  })),
  ...oneAndTwo('exists_one', existsOne),
  'existsOne:3:true': (call, make) => loop(call, make, 2, existsOne),
  'map:2:true': (call, make) => loop(call, make, 1, collect),
  'map:3:true': (call, make) => loop(call, make, 1, collect),
  'filter:2:true': filter,
  'transformList:3:true': (call, make) => loop(call, make, 2, collect),
  'transformList:4:true': (call, make) => loop(call, make, 2, collect),
  'transformMap:3:true': transformMap,
  'transformMap:4:true': transformMap,
  'transformMapEntry:3:true': transformMapEntry,
  'transformMapEntry:4:true': transformMapEntry,
  'optMap:2:true': (call, make) => optional(call, make, (inner) => make.call('optional.of', inner)),
  'optFlatMap:2:true': (call, make) => optional(call, make, (inner) => inner),
  'sortBy:2:true': sortBy,
};

/** As they are called, each once. */
export const MACRO_NAMES: readonly string[] = [...new Set(Object.keys(MACROS).map((key) => key.replace(/:.*/, '')))];

/** The name of what a loop collects; no expression can write it. */
export const ACCUMULATOR = '@result';
const NO_VARIABLE = '#unused';

/** The call itself when it is no macro, else what it stands for. */
export function expandMacro(call: Call): Expr | Fault {
  const expander = MACROS[`${call.name}:${call.args.length}:${call.target !== undefined}`];
  return expander === undefined ? call : expander(call, makerAt(call));
}

/** Makes expressions that have the place of the call. */
interface Maker {
  readonly result: Ident;
  literal(value: boolean | bigint): Expr;
  ident(name: string): Ident;
  call(name: string, ...args: readonly Expr[]): Call;
  method(target: Expr, name: string): Call;
  list(...elements: readonly Expr[]): Expr;
  loop(parts: Omit<Loop, 'kind' | keyof Span>): Loop;
}

function makerAt({ start, end }: Span): Maker {
  const at = { start, end };
  const ident = (name: string): Ident => ({ kind: 'ident', name, ...at });
  return {
    result: ident(ACCUMULATOR),
    literal: (value) => ({ kind: 'literal', value, ...at }),
    ident,
    call: (name, ...args) => ({ kind: 'call', name, args, ...at }),
    method: (target, name) => ({ kind: 'call', name, target, args: [], ...at }),
    list: (...elements) => ({ kind: 'list', elements, optional: new Set(), ...at }),
    loop: (parts) => ({ kind: 'loop', ...parts, ...at }),
  };
}

const refuse = (words: string, { start, end }: Span): Fault => new Fault(words, start, end);

function has({ args: [argument], start, end }: Call): Expr | Fault {
  if (argument?.kind === 'select' && !argument.test) return { ...argument, test: true };
  return refuse('has() takes a selection, such as claims.name', argument ?? { start, end });
}

/** What a loop does, given what stands after its variables. */
type Body = (
  make: Maker,
  ...rest: readonly Expr[]
) => Pick<Loop, 'init' | 'step'> & Partial<Pick<Loop, 'condition' | 'result'>>;

function oneAndTwo(name: string, body: (make: Maker, test: Expr) => ReturnType<Body>): Record<string, Expander> {
  const checked: Body = (make, test = make.literal(true)) => body(make, test);
  return {
    [`${name}:2:true`]: (call, make) => loop(call, make, 1, checked),
    [`${name}:3:true`]: (call, make) => loop(call, make, 2, checked),
  };
}

function loop({ target, args }: Call, make: Maker, variables: 1 | 2, body: Body): Expr | Fault {
  const names = args.slice(0, variables).map((arg) => (arg.kind === 'ident' ? arg.name : ''));
  const wrong = args[names.findIndex((name) => name === '' || name.startsWith('.') || name === '__result__')];
  if (wrong !== undefined) return refuse('a loop needs a plain name for its variable', wrong);
  const [variable = '', second] = names;
  if (variable === second) return refuse(`the variable is named twice: ${variable}`, args[1] ?? make.result);
  const parts = body(make, ...args.slice(variables));
  return make.loop({
    range: target ?? make.list(),
    variable,
    ...(second !== undefined && { second }),
    accumulator: ACCUMULATOR,
    condition: make.literal(true),
    result: make.result,
    ...parts,
  });
}

function existsOne(make: Maker, test: Expr = make.literal(true)): ReturnType<Body> {
  return {
    init: make.literal(0n),
    step: make.call(CONDITIONAL, test, make.call('_+_', make.result, make.literal(1n)), make.result),
    result: make.call('_==_', make.result, make.literal(1n)),
  };
}

/** `map` and `transformList`: the last operand is collected, where the one before it holds. */
function collect(make: Maker, ...rest: readonly Expr[]): ReturnType<Body> {
  const [transform = make.result, test] = rest.toReversed();
  const step = make.call('_+_', make.result, make.list(transform));
  return { init: make.list(), step: test === undefined ? step : make.call(CONDITIONAL, test, step, make.result) };
}

function filter(call: Call, make: Maker): Expr | Fault {
  const [variable = make.result] = call.args;
  return loop(call, make, 1, (_make, ...rest) => collect(make, ...rest, variable));
}

function transformMap(call: Call, make: Maker): Expr | Fault {
  const [key = make.result] = call.args;
  return loop(call, make, 2, (_make, ...rest) => collectEntries(make, [key], rest));
}

function transformMapEntry(call: Call, make: Maker): Expr | Fault {
  return loop(call, make, 2, (_make, ...rest) => collectEntries(make, [], rest));
}

function collectEntries(make: Maker, key: readonly Expr[], rest: readonly Expr[]): ReturnType<Body> {
  const [transform = make.result, test] = rest.toReversed();
  const step = make.call('cel.@mapInsert', make.result, ...key, transform);
  return {
    init: { kind: 'map', entries: [], start: make.result.start, end: make.result.end },
    step: test === undefined ? step : make.call(CONDITIONAL, test, step, make.result),
  };
}

/** A loop over nothing gives a value a name. */
function named(make: Maker, name: string, value: Expr, inner: Expr): Loop {
  const [condition, step] = [make.literal(false), make.ident(name)];
  return make.loop({
    range: make.list(),
    variable: NO_VARIABLE,
    accumulator: name,
    init: value,
    condition,
    step,
    result: inner,
  });
}

function optional({ target, args: [variable, inner] }: Call, make: Maker, wrap: (inner: Expr) => Expr): Expr | Fault {
  if (target === undefined || inner === undefined || variable?.kind !== 'ident') {
    return refuse('optMap() and optFlatMap() need a plain name for their variable', variable ?? make.result);
  }
  const value = named(make, variable.name, make.method(target, 'value'), inner);
  return make.call(CONDITIONAL, make.method(target, 'hasValue'), wrap(value), make.call('optional.none'));
}

/** The keys are computed by a `map` of the list, which has a name so that it is computed once (ext/lists.go). */
function sortBy(call: Call, make: Maker): Expr | Fault {
  const { target } = call;
  if (target === undefined) return call;
  const input = make.ident('@__sortBy_input__');
  const keys = loop({ ...call, target: input }, make, 1, collect);
  if (keys instanceof Fault) return keys;
  const sorted: Call = { ...make.call('@sortByAssociatedKeys', keys), target: input };
  return named(make, input.name, target, sorted);
}
