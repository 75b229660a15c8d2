// Finds where a regular expression matches: @bufbuild/re2 compiles it and only says whether it does.
//
// A Pike machine over the compiled program: each position of the text is looked at once, with all states that the
// program may be in, in the order of preference (https://swtch.com/~rsc/regexp/regexp2.html).

import type { RE2JS } from '@bufbuild/re2';

/** Indexes into the text, in UTF-16 units; `end` after the last character. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/** Numbers of the instructions of the program. */
const OP = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, match: 6, nop: 7, runeAny: 10, runeAnyNotNewline: 11 };
const EMPTY = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, boundary: 16, noBoundary: 32 };

type Program = ReturnType<RE2JS['re2']>['prog'];

/** A state of the program, and where its match would begin. */
interface Thread {
  readonly pc: number;
  readonly start: number;
}

/** The leftmost match that begins at or after `from`, preferring what the pattern names first. */
export function findMatch(regex: RE2JS, text: string, from: number): Match | undefined {
  const { prog } = regex.re2();
  let found: Match | undefined;
  let threads: Thread[] = [];
  for (let at = from; at <= text.length; ) {
    const rune = text.codePointAt(at) ?? -1;
    const before: readonly Thread[] = found === undefined ? [...threads, { pc: prog.start, start: at }] : threads;
    if (before.length === 0) break;
    const width = rune > 0xff_ff ? 2 : 1;
    threads = [];
    for (const { pc, start } of closure(prog, before, emptyAt(text, at))) {
      const inst = prog.getInst(pc);
      if (inst.op === OP.match) {
        found = { start, end: at };
        break;
      }
      if (takes(inst, rune)) threads.push({ pc: inst.out, start });
    }
    at += width;
  }
  return found;
}

/** Non-overlapping matches from left to right; an empty one right after a match does not count, as in Go. */
export function findMatches(regex: RE2JS, text: string, limit: number): Match[] {
  const all: Match[] = [];
  let last = -1;
  for (let at = 0; at <= text.length && all.length < limit; ) {
    const match = findMatch(regex, text, at);
    if (match === undefined) break;
    if (match.end > match.start || match.start !== last) all.push(match);
    last = match.end;
    at = match.end > at ? match.end : at + ((text.codePointAt(at) ?? 0) > 0xff_ff ? 2 : 1);
  }
  return all;
}

function takes(inst: ReturnType<Program['getInst']>, rune: number): boolean {
  if (rune < 0) return false;
  if (inst.op === OP.runeAny) return true;
  return inst.op === OP.runeAnyNotNewline ? rune !== 10 : inst.matchRune(rune);
}

/** The states that are reached without reading a character, each once, most preferred first. */
function closure(prog: Program, threads: readonly Thread[], empty: number): readonly Thread[] {
  const reached: Thread[] = [];
  const seen = new Set<number>();
  const pending = threads.toReversed().map(({ pc, start }) => ({ pc, start }));
  for (let thread = pending.pop(); thread !== undefined; thread = pending.pop()) {
    const { pc, start } = thread;
    if (seen.has(pc)) continue;
    seen.add(pc);
    const { op, out, arg } = prog.getInst(pc);
    if (op === OP.alt || op === OP.altMatch) pending.push({ pc: arg, start }, { pc: out, start });
    else if (op === OP.capture || op === OP.nop) pending.push({ pc: out, start });
    else if (op !== OP.emptyWidth) reached.push(thread);
    else if ((arg & ~empty) === 0) pending.push({ pc: out, start });
  }
  return reached;
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
