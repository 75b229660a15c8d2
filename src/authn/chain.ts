// The ordered union: providers are asked one after the other until one decides.

import type { Authenticator, Review } from '../core/authenticator.ts';
import type { Decision } from '../core/identity.ts';
import { type Abstained, abstained, outranks, unavailable, type Verdict } from '../core/verdict.ts';

export interface ChainEntry {
  readonly name: string;
  readonly authenticator: Authenticator<Decision>;
  /** `stop`: none after this provider is asked while it cannot tell. */
  readonly onUnavailable: 'continue' | 'stop';
}

/**
 * Asks the entries in order. authenticated and rejected stop the chain, abstained asks the next, unavailable asks the next
 * unless the entry says `stop`. When none authenticated, unavailable outranks rejected, which outranks abstained: an
 * earlier outage leaves open whether a later refusal is the truth.
 */
export function chain(entries: readonly ChainEntry[]): Authenticator<Decision> {
  return {
    authenticate: async (review, signal) => {
      const listeners: ((verdict: Verdict<unknown>) => void)[] = [];
      const verdict = await askAll(entries, { ...review, onDecided: (listener) => listeners.push(listener) }, signal);
      for (const listener of listeners) listener(verdict);
      return verdict;
    },
  };
}

async function askAll(entries: readonly ChainEntry[], review: Review, signal: AbortSignal): Promise<Verdict<Decision>> {
  let outcome: Verdict<Decision> = abstained('no-provider');
  const down: string[] = [];
  const providers: string[] = [];
  for (const entry of entries) {
    // oxlint-disable-next-line no-await-in-loop -- the order is the point: the next provider is asked only if this one leaves it open
    const verdict = await ask(entry, review, signal);
    if (verdict.kind === 'unavailable') providers.push(entry.name);
    if (verdict.kind === 'unavailable' && verdict.isDown === true) down.push(entry.name);
    outcome = fold(outcome, verdict);
    if (isFinal(verdict, entry)) break;
  }
  return outcome.kind === 'unavailable' ? { ...outcome, providers, down } : outcome;
}

async function ask(
  { name, authenticator }: ChainEntry,
  review: Review,
  signal: AbortSignal,
): Promise<Verdict<Decision>> {
  if (signal.aborted) return { ...unavailable('timeout'), by: name };
  return { ...(await authenticator.authenticate(review, signal)), by: name };
}

function isFinal(verdict: Verdict<Decision>, entry: ChainEntry): boolean {
  if (verdict.kind === 'unavailable') return entry.onUnavailable === 'stop';
  return verdict.kind !== 'abstained';
}

function fold(outcome: Verdict<Decision>, next: Verdict<Decision>): Verdict<Decision> {
  if (outranks(next, outcome)) return next;
  if (next.kind === 'abstained' && outcome.kind === 'abstained') return moreTelling(outcome, next);
  return outcome;
}

/** Among abstentions the first one that comes from an upstream tells most; one for the wrong kind tells nothing. */
function moreTelling(a: Abstained, b: Abstained): Abstained {
  return weight(b) > weight(a) ? b : a;
}

function weight({ reason }: Abstained): number {
  if (reason === 'no-provider' || reason === 'wrong-kind') return 0;
  return reason === 'no-match' ? 1 : 2;
}
