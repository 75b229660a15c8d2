// What a command tries step by step: the mark in front of each, the way it is printed, all of them together.

import type { CommandSeams, Output } from '../command/command.ts';
import { printable } from '../text/printable.ts';

export const MARKS = { ok: '√', warning: '‼', failed: '×' } as const;
export type Mark = keyof typeof MARKS;

/** One thing that was tried. */
export interface Step {
  readonly step: string;
  readonly result: Mark;
  /** What was seen; after a failure also what to do next. */
  readonly detail?: string;
}

/** `√ connect to 127.0.0.1:8443: from …`, with what an upstream could have put into it made visible. */
export function stepLine({ step, result, detail }: Step): string {
  return `${MARKS[result]} ${printable(detail === undefined ? step : `${step}: ${detail}`)}`;
}

const COLOURS: Readonly<Record<string, string>> = { [MARKS.ok]: '32', [MARKS.warning]: '33', [MARKS.failed]: '31' };

/**
 * The text for a stream, its marks in green, yellow and red where a person looks: on a terminal, unless NO_COLOR is set
 * (no-color.org) or the terminal is a dumb one.
 */
export function inColour(text: string, { isTTY }: Output, { env }: Pick<CommandSeams, 'env'>): string {
  if (isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return text;
  return text.replace(/(?<=^| )[√‼×](?= )/gm, (mark) => `\u001b[${COLOURS[mark]}m${mark}\u001b[0m`);
}

/** All items in order; `seen` hears of each as it comes. */
export async function collected<T>(
  items: AsyncIterable<T>,
  seen: (item: T) => unknown = () => undefined,
): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) {
    seen(item);
    all.push(item);
  }
  return all;
}
