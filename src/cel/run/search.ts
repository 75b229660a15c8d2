// Plans searches with a constant pattern: it is compiled with the configuration, and a wrong one is an error there.

import { compileRegex, runSearch } from '../functions/regex.ts';
import type { Call } from '../syntax/tree.ts';
import { Fault, NO_OVERLOAD } from '../values/value.ts';
import { costOf } from './costs.ts';
import { type Plan, type Planner, placed } from './planned.ts';

/** Undefined when the pattern is not constant. */
export function planSearch(call: Call, operands: readonly Plan[], planner: Planner): Plan | undefined {
  const [text, pattern, limit] = operands;
  const source = pattern?.constant?.value;
  if (typeof source !== 'string') return undefined;
  const regex = compileRegex(source);
  if (regex instanceof Fault) {
    planner.refuse(regex.words, call.args.at(limit === undefined ? -1 : -2) ?? call);
    return undefined;
  }
  const run: Plan['run'] = (frame) => {
    const [subject, most] = [
      text === undefined ? NO_OVERLOAD : text.run(frame),
      limit === undefined ? -1n : limit.run(frame),
    ];
    if (subject instanceof Fault) return subject;
    if (most instanceof Fault) return most;
    if (typeof subject !== 'string' || typeof most !== 'bigint') return placed(NO_OVERLOAD, call.start, call.end);
    frame.meter.pay(costOf(call.name, [subject, source], null));
    return runSearch(call.name, subject, regex, most, frame.meter);
  };
  return { run };
}
