// What came of probing a provider, in lines and in an exit code.

import { EXIT } from '../../command/command.ts';
import type { ProbeStep } from '../../core/provider.ts';
import type { OutageReason } from '../../core/reasons.ts';
import { MARKS, stepLine } from '../steps.ts';

/** One provider and the steps it reported, in order. */
export interface Probed {
  readonly name: string;
  readonly type: string;
  readonly steps: readonly ProbeStep[];
}

/** An empty line, the provider, and a line per step. */
export function probedLines({ name, type, steps }: Probed): string {
  return `\n${name} (${type})\n${steps.map((step) => `  ${stepLine(step)}\n`).join('')}`;
}

/** With these the upstream may be all right a minute later, whatever the configuration says. */
const PASSING: ReadonlySet<OutageReason> = new Set([
  'timeout',
  'connection-refused',
  'connection-failed',
  'name-resolution',
  'upstream-error',
  'rate-limited',
  'stopping',
]);

export interface Finding {
  readonly code: number;
  readonly sentence: string;
}

/** A wrong configuration outweighs an outage: waiting does not mend it. A failure without a reason counts as wrong. */
export function finding(all: readonly Probed[]): Finding {
  const wrong = all.filter(({ steps }) => steps.some(isWrong));
  const down = all.filter((probed) => !wrong.includes(probed) && probed.steps.some(isFailed));
  const parts = [
    ...(wrong.length > 0 ? [`not as configured: ${names(wrong)}`] : []),
    ...(down.length > 0 ? [`unavailable: ${names(down)}`] : []),
  ];
  if (parts.length > 0) {
    const code = wrong.length > 0 ? EXIT.refused : EXIT.unknown;
    return { code, sentence: `${MARKS.failed} ${parts.join('; ')}` };
  }
  const doubtful = all.filter(({ steps }) => steps.some(({ result }) => result === 'warning'));
  return doubtful.length > 0
    ? { code: EXIT.done, sentence: `${MARKS.warning} every upstream answers; read the warnings of ${names(doubtful)}` }
    : { code: EXIT.done, sentence: `${MARKS.ok} every upstream is as configured` };
}

function isFailed({ result }: ProbeStep): boolean {
  return result === 'failed';
}

function isWrong(step: ProbeStep): boolean {
  return isFailed(step) && (step.reason === undefined || !PASSING.has(step.reason));
}

function names(probed: readonly Probed[]): string {
  return probed.map(({ name }) => name).join(', ');
}
