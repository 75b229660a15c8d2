// What must hold at every moment of a soak, whatever goes wrong.

import type { Reviewed } from '../live/resilience/support/go-client.ts';
import type { Expected } from './traffic.ts';

export interface Invariants {
  /** `isWell`: every upstream was well from before the review until after its answer. */
  answered(expected: Expected, answer: Reviewed, isWell: boolean): void;
  violated(invariant: string, what: string): void;
  counts(): Readonly<Record<string, number>>;
  /** The first of each kind, in words. */
  violations(): readonly string[];
  slowestMs(): number;
}

const DEADLINE_MS = 5000;
const MAX_TOLD = 20;

export function createInvariants(say: (line: string) => void): Invariants {
  const counts: Record<string, number> = {};
  const told: string[] = [];
  let slowestMs = 0;
  const violated = (invariant: string, what: string): void => {
    counts[`VIOLATED ${invariant}`] = (counts[`VIOLATED ${invariant}`] ?? 0) + 1;
    if (told.length >= MAX_TOLD) return;
    const line = `VIOLATED ${new Date().toISOString()} ${invariant}: ${what}`;
    told.push(line);
    say(line);
  };
  return {
    violated,
    counts: () => counts,
    violations: () => told,
    slowestMs: () => slowestMs,
    answered: ({ truth, path, token }, answer, isWell) => {
      const { outcome, tookMs, failure, id } = answer;
      const about = `${path} ${truth} review ${id ?? ''}: ${outcome} ${failure ?? ''} after ${Math.round(tookMs)} ms`;
      counts[`${truth} ${outcome}`] = (counts[`${truth} ${outcome}`] ?? 0) + 1;
      slowestMs = Math.max(slowestMs, tookMs);
      if (truth === 'bad' && outcome === 'authenticated') violated('no false accept', about);
      if (truth === 'good' && outcome === 'rejected') violated('no refusal of the right password', about);
      if (truth === 'good' && isWell && outcome === 'unavailable') violated('well again within 5 s', about);
      if (outcome === 'failed') violated('no request fails', about);
      if (tookMs > DEADLINE_MS) violated('answered within 5 s', about);
      if (token.length > 8 && answer.body.includes(token)) violated('no secret in an answer', about);
    },
  };
}
