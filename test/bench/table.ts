// The table that a run prints: each measurement beside what it was compared with and what it should reach.

export interface Row {
  readonly what: string;
  /** The server's CPU, user and system, in microseconds per review. */
  readonly cpuUs?: number;
  /** Against the baseline of the same run. */
  readonly ratio?: number;
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
}

const HEAD = ['what', 'us CPU', 'ratio', 'measured', 'target', '', 'p50 ms', 'p99 ms'];

/** Columns of equal width; numbers to the right, words to the left. */
export function tableText(rows: readonly Row[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => aligned(cell, widths[column] ?? 0, column)).join('  '));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return `${[lines[0] ?? '', rule, ...lines.slice(1)].map((line) => line.trimEnd()).join('\n')}\n`;
}

const isNumeric = (column: number): boolean => column === 1 || column === 2 || column > 5;

function aligned(cell: string, width: number, column: number): string {
  return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
}

function cellsOf({ what, cpuUs, ratio, measured = '', target, p50Ms, p99Ms }: Row): string[] {
  const verdict = target === undefined ? '' : target.isReached ? 'reached' : 'missed';
  return [
    what,
    digits(cpuUs, 0),
    digits(ratio, 2),
    measured,
    target?.says ?? '',
    verdict,
    digits(p50Ms, 2),
    digits(p99Ms, 2),
  ];
}

function digits(value: number | undefined, count: number): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(count);
}
