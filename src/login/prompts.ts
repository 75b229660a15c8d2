// Who was asked for a password a moment ago: client-go runs the plugin again after a refusal, up to five times.

import type { EpochMs } from '../core/verdict.ts';
import { isJsonObject, parseJsonObject } from '../text/json.ts';
import type { Machine } from './machine.ts';

/** How long after the last question, or the last rerun, the same parent asks nobody again. */
export const MOMENT_MS = 5000;

export interface Prompts {
  /** When a sign-in last ended without success. */
  readonly failedAt: EpochMs;
  /** When a child of each process last asked, or would have asked again. */
  readonly parents: Readonly<Record<string, EpochMs>>;
}

type Run = Pick<Machine, 'parentPid' | 'startedAt'>;

const NONE: Prompts = { failedAt: 0, parents: {} };

/**
 * True when this parent's user was asked already, or when somebody failed to sign in while this process waited for it:
 * twenty commands that began together must not ask twenty times.
 */
export function wasAsked({ failedAt, parents }: Prompts, run: Run, now: EpochMs): boolean {
  return failedAt >= run.startedAt || isRecent(parents[run.parentPid] ?? 0, now);
}

/** With this parent as asked now. */
export function askedNow(
  { failedAt, parents }: Prompts,
  { parentPid }: Run,
  { now, failed }: { readonly now: EpochMs; readonly failed: boolean },
): Prompts {
  const others = Object.entries(parents).filter(([, time]) => isRecent(time, now));
  return { failedAt: failed ? now : failedAt, parents: { ...Object.fromEntries(others), [parentPid]: now } };
}

export function promptsText(prompts: Prompts): string {
  return `${JSON.stringify(prompts)}\n`;
}

/** What is no such text is no memory. */
export function parsePrompts(text: string | undefined): Prompts {
  const { failedAt, parents } = parseJsonObject(text ?? '') ?? {};
  if (typeof failedAt !== 'number' || !isJsonObject(parents)) return NONE;
  const times = Object.entries(parents).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return { failedAt, parents: Object.fromEntries(times) };
}

/** A clock that was set back must not forbid questions for long. */
function isRecent(time: EpochMs, now: EpochMs): boolean {
  return now - time < MOMENT_MS && time - now < MOMENT_MS;
}
