// Carries the failed-password budget of an unchanged provider over a reload, or each reload would hand out a new one.

import { isDeepStrictEqual } from 'node:util';
import { type PasswordHistory, passwordHistory } from './password-memory.ts';

/** What makes a provider the same one as before. */
export interface HistoryOwner {
  readonly name: string;
  readonly type: string;
  /** Compared in depth; another upstream, or another users file, begins anew. Secrets compare as equal. */
  readonly options: unknown;
  readonly windowMs: number;
}

/** The history of this provider: the one before when nothing about it changed, else an empty one. */
export type PasswordHistories = (owner: HistoryOwner) => PasswordHistory;

/** For the life of the process; remembers one history for each name. */
export function passwordHistories(monotonicMs: () => number): PasswordHistories {
  const kept = new Map<string, { readonly owner: HistoryOwner; readonly history: PasswordHistory }>();
  return (owner) => {
    const before = kept.get(owner.name);
    if (before !== undefined && isDeepStrictEqual(before.owner, owner)) return before.history;
    const history = passwordHistory(owner.windowMs, monotonicMs);
    kept.set(owner.name, { owner, history });
    return history;
  };
}
