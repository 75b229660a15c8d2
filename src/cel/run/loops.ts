// Plans loops, which all macros over lists and maps were written out to (cel-go interpreter, evalFold).

import type { Loop } from '../syntax/tree.ts';
import {
  CelMap,
  Fault,
  fault,
  GrowingList,
  GrowingMap,
  keyValue,
  List,
  type Outcome,
  type Value,
} from '../values/value.ts';
import type { Frame, Run } from './frame.ts';
import { type Planner, placed, type Scope } from './planned.ts';

const RANGE = fault('neither a list nor a map');
const INPUT = fault('kube-apiserver walks over the values of all claims here, in any order: name the claims you mean');

/** The accumulator's slot comes first, then those of the variables. */
export function planLoop(loop: Loop, planner: Planner): Run {
  const { locals, used } = planner.scope;
  const init = planner.plan(loop.init).run;
  const accumulator = { slot: used, init: (frame: Frame) => growing(init(frame)) };
  const around: Scope = { locals: new Map([...locals, [loop.accumulator, accumulator]]), used: used + 3 };
  const variables: [string, { slot: number }][] = [[loop.variable, { slot: used + 1 }]];
  if (loop.second !== undefined) variables.push([loop.second, { slot: used + 2 }]);
  const inside: Scope = { locals: new Map([...around.locals, ...variables]), used: used + 3 };
  const range = planner.plan(loop.range).run;
  const [condition, step] = [planner.plan(loop.condition, inside).run, planner.plan(loop.step, inside).run];
  const result = planner.plan(loop.result, around).run;
  const pairs = loop.second === undefined ? singles : doubles;
  return (frame) => {
    const over = range(frame);
    if (over instanceof Fault) return over;
    if (!isRange(over)) return placed(RANGE, loop.range.start, loop.range.end);
    if (over instanceof CelMap && over.isInput) return placed(INPUT, loop.range.start, loop.range.end);
    frame.slots[used] = undefined;
    for (const [first, second] of pairs(over)) {
      frame.slots[used + 1] = first;
      frame.slots[used + 2] = second;
      if (condition(frame) === false) break;
      frame.slots[used] = step(frame);
    }
    return settled(result(frame));
  };
}

const isRange = (value: Value): value is List | CelMap => value instanceof List || value instanceof CelMap;

function* singles(range: List | CelMap): Iterable<readonly [Value, undefined]> {
  if (range instanceof List) for (const item of range.items) yield [item, undefined];
  else for (const key of range.entries.keys()) yield [keyValue(key), undefined];
}

/** Index or key, and the value; an index reads a list, so that names in its elements stay escaped. */
function* doubles(range: List | CelMap): Iterable<readonly [Value, Value]> {
  if (range instanceof List) for (const [i, item] of range.elements().entries()) yield [BigInt(i), item];
  else for (const [key, value] of range.entries) yield [keyValue(key), value];
}

/** What begins empty is collected in place: adding to it changes it, as in cel-go. */
function growing(value: Outcome): Outcome {
  if (value instanceof List && value.items.length === 0) return new GrowingList();
  return value instanceof CelMap && !value.isInput && value.entries.size === 0 ? new GrowingMap() : value;
}

function settled(value: Outcome): Outcome {
  if (value instanceof GrowingList) return new List(value.collected);
  return value instanceof GrowingMap ? new CelMap(value.collected) : value;
}
