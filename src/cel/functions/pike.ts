// Finds where a regular expression matches: @bufbuild/re2 compiles it and only says whether it does.
//
// A Pike machine over the compiled program: each position of the text is looked at once, with all states that the
// program may be in, in the order of preference (https://swtch.com/~rsc/regexp/regexp2.html).

import type { RE2JS } from '@bufbuild/re2';
import type { Meter } from '../meter.ts';

/** Indexes into the text, in UTF-16 units; `end` after the last character. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/** Numbers of the instructions of the program. */
const OP = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, match: 6, nop: 7, runeAny: 10, runeAnyNotNewline: 11 };
const EMPTY = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, boundary: 16, noBoundary: 32 };

type Program = ReturnType<RE2JS['re2']>['prog'];

/** The program as numbers, and the states that are being looked at; one for each search. */
interface Machine {
  readonly prog: Program;
  readonly ops: readonly number[];
  readonly outs: readonly number[];
  readonly args: readonly number[];
  readonly hasEmptyWidth: boolean;
  /** At which step a state was last reached. */
  readonly reachedAt: Uint32Array;
  /** States to look at next, the most preferred last. */
  readonly pending: number[];
  readonly meter: Meter | undefined;
}

function machineOf(regex: RE2JS, meter: Meter | undefined): Machine {
  const { prog } = regex.re2();
  const insts = Array.from({ length: prog.numInst() }, (_, pc) => prog.getInst(pc));
  return {
    prog,
    ops: insts.map(({ op }) => op),
    outs: insts.map(({ out }) => out),
    args: insts.map(({ arg }) => arg),
    hasEmptyWidth: insts.some(({ op }) => op === OP.emptyWidth),
    reachedAt: new Uint32Array(insts.length),
    pending: [],
    meter,
  };
}

/** The leftmost match that begins at or after `from`, preferring what the pattern names first. */
export function findMatch(regex: RE2JS, text: string, from: number, meter?: Meter): Match | undefined {
  return search(machineOf(regex, meter), text, from);
}

/** Non-overlapping matches from left to right; an empty one right after a match does not count, as in Go. */
export function findMatches(regex: RE2JS, text: string, limit: number, meter?: Meter): Match[] {
  const machine = machineOf(regex, meter);
  const all: Match[] = [];
  let last = -1;
  for (let at = 0; at <= text.length && all.length < limit; ) {
    const match = search(machine, text, at);
    if (match === undefined) break;
    if (match.end > match.start || match.start !== last) all.push(match);
    last = match.end;
    at = match.end > at ? match.end : at + ((text.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1);
  }
  return all;
}

/** Threads of the program: in which state each is, and where its match would begin. */
interface Threads {
  readonly pcs: number[];
  readonly starts: number[];
}

/** Units for one position and for each thread there: a match may look at the text behind it, again and again. */
const UNITS_PER_POSITION = 4;

function search(machine: Machine, text: string, from: number): Match | undefined {
  machine.reachedAt.fill(0);
  let found: Match | undefined;
  let before: Threads = { pcs: [], starts: [] };
  for (let at = from, step = 1; at <= text.length; step++) {
    if (found === undefined) {
      before.pcs.push(machine.prog.start);
      before.starts.push(at);
    }
    if (before.pcs.length === 0) break;
    machine.meter?.work(UNITS_PER_POSITION + before.pcs.length);
    const rune = text.codePointAt(at) ?? -1;
    const after: Threads = { pcs: [], starts: [] };
    const start = advance(machine, before, after, { rune, empty: machine.hasEmptyWidth ? emptyAt(text, at) : 0, step });
    if (start !== undefined) found = { start, end: at };
    before = after;
    at += rune > 0xff_ff ? 2 : 1;
  }
  return found;
}

/** Where a step is: the character, what holds before it, and the number of the step. */
interface Position {
  readonly rune: number;
  readonly empty: number;
  readonly step: number;
}

/** Moves the threads over a character, most preferred first; where the match began when a thread ends in one. */
function advance(machine: Machine, before: Threads, after: Threads, position: Position): number | undefined {
  const { prog, ops, outs, pending } = machine;
  for (const [i, pc] of before.pcs.entries()) {
    const start = before.starts[i] ?? 0;
    pending.push(pc);
    for (let state = reach(machine, position); state !== undefined; state = reach(machine, position)) {
      if (ops[state] === OP.match) {
        pending.length = 0;
        return start;
      }
      if (!takes(prog.getInst(state), position.rune)) continue;
      after.pcs.push(outs[state] ?? 0);
      after.starts.push(start);
    }
  }
  return undefined;
}

/** The next pending state that reads a character or matches; each is reached once in a step. */
function reach({ ops, outs, args, reachedAt, pending }: Machine, { empty, step }: Position): number | undefined {
  for (let pc = pending.pop(); pc !== undefined; pc = pending.pop()) {
    if (reachedAt[pc] === step) continue;
    reachedAt[pc] = step;
    const [op, out = 0, arg = 0] = [ops[pc], outs[pc], args[pc]];
    if (op === OP.alt || op === OP.altMatch) pending.push(arg, out);
    else if (op === OP.capture || op === OP.nop) pending.push(out);
    else if (op !== OP.emptyWidth) return pc;
    else if ((arg & ~empty) === 0) pending.push(out);
  }
  return undefined;
}

function takes(inst: ReturnType<Program['getInst']>, rune: number): boolean {
  if (rune < 0) return false;
  if (inst.op === OP.runeAny) return true;
  return inst.op === OP.runeAnyNotNewline ? rune !== 10 : inst.matchRune(rune);
}

/** Which of `^`, `$`, `\A`, `\z`, `\b` and `\B` hold between two characters. */
function emptyAt(text: string, at: number): number {
  const [before, after] = [text.charAt(at - 1), text.charAt(at)];
  let holds = /\w/.test(before) === /\w/.test(after) ? EMPTY.noBoundary : EMPTY.boundary;
  if (before === '') holds |= EMPTY.beginText | EMPTY.beginLine;
  if (before === '\n') holds |= EMPTY.beginLine;
  if (after === '') holds |= EMPTY.endText | EMPTY.endLine;
  if (after === '\n') holds |= EMPTY.endLine;
  return holds;
}
