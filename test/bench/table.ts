// The table that a run prints: each measurement beside what it was compared with and what it should reach.

import type { Result } from './rounds.ts';

export interface Row {
  readonly what: string;
  /** The server's CPU, user and system, in microseconds per review. */
  readonly cpuUs?: number;
  /** Against the baseline of the same run. */
  readonly ratio?: number;
  /** In which the ratio lies, and of how many rounds. */
  readonly interval?: readonly [number, number];
  readonly rounds?: number;
  /** What was counted or weighed, when neither CPU nor a ratio is the point. */
  readonly measured?: string;
  readonly target?: Target;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Target {
  /** As performance goals are said: `<= 1.4 x bare`. */
  readonly says: string;
  readonly isReached: boolean;
  /** The interval has the target in it: nobody can tell. */
  readonly isUnsure?: boolean;
}

/** Reached or missed only where the whole interval lies on one side of `most`; few rounds never say so. */
export function ratioTarget({ cpuRatio, cpuRatioInterval, rounds }: Result, most: number, than: string): Target {
  const [low, high] = cpuRatioInterval;
  const isUnsure = rounds < ENOUGH_ROUNDS || (low <= most && most < high);
  return { says: `<= ${most} x ${than}`, isReached: cpuRatio <= most, isUnsure };
}

const ENOUGH_ROUNDS = 6;

/** What is missed with certainty: a reason to end with 1. */
export function isMissed({ target }: Row): boolean {
  return target !== undefined && !target.isReached && target.isUnsure !== true;
}

const HEAD = ['what', 'us CPU', 'ratio', 'interval', 'rounds', 'measured', 'target', '', 'p50 ms', 'p99 ms'];

/** Columns of equal width; numbers to the right, words to the left. */
export function tableText(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => aligned(cell, widths[column] ?? 0, column)).join('  '));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[lines[0] ?? '', rule, ...lines.slice(1)].map((line) => line.trimEnd()).join('\n')}\n`;
}

const isNumeric = (column: number): boolean => (column > 0 && column < 5) || column > 7;

function aligned(cell: string, width: number, column: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
}

function cellsOf({ what, cpuUs, ratio, interval, rounds, measured = '', target, p50Ms, p99Ms }: Row): string[] {
  return [
    what,
    digits(cpuUs, 0),
    digits(ratio, 2),
    interval === undefined ? '' : interval.map((end) => end.toFixed(2)).join('-'),
    digits(rounds, 0),
    measured,
    target?.says ?? '',
    verdictOf(target),
    digits(p50Ms, 2),
    digits(p99Ms, 2),
  ];
}

function verdictOf(target: Target | undefined): string {
  if (target === undefined) return '';
  if (target.isUnsure === true) return 'too noisy';
  return target.isReached ? 'reached' : 'missed';
}

function digits(value: number | undefined, count: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(count);
}
