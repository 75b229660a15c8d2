// Finds out whether an upstream still refuses: one that accepts a random credential would accept every one.

import { kept, type Loaded } from '../../async/kept.ts';
import type { ProviderSeams } from '../../core/provider.ts';
import { type Unavailable, unavailable } from '../../core/verdict.ts';
import type { HttpAnswer } from './client.ts';
import type { Judge } from './judge.ts';

export interface Canary {
  /**
   * Undefined when a random credential was refused within the last five minutes; else why no credential may be sent:
   * `accepts-anything`, or the outage for which it could not be told. Waits for a canary under way, at most until `signal`.
   */
  outage(signal: AbortSignal): Promise<Unavailable | undefined>;
  /** Stops what is under way. */
  close(): void;
}

export interface CanarySettings {
  /** Sends a new random credential. Never throws. */
  readonly askAtRandom: (signal: AbortSignal) => Promise<HttpAnswer | Unavailable>;
  readonly judge: Judge;
  readonly seams: ProviderSeams;
}

/** A refusal is believed this long. */
export const BELIEVED_MS = 5 * 60_000;
/** From this age on the next one is under way while the last is still believed, so that no review waits for it. */
export const RENEWED_MS = 4 * 60_000;
/** An upstream that accepts everything is tried again this often, while reviews ask. */
export const RETRIED_MS = 10_000;

/** What became of a random credential. */
export type Fate = 'refused' | Unavailable;

/** Sends the first canary at once and waits for nothing. */
export function createCanary(settings: CanarySettings): Canary {
  const { clock, timeoutMs } = settings.seams;
  const fate = kept<Fate, Unavailable>({
    load: (signal) => release(settings, signal),
    timeoutMs,
    monotonicMs: () => clock.monotonicMs(),
    renewAfterMs: () => RENEWED_MS,
    serveForMs: (last) => (last === 'refused' ? BELIEVED_MS : RETRIED_MS),
    pauseMs: () => 0,
    tooLate: unavailable('timeout', 'the first canary has no answer yet'),
    onLoaded: (loaded, before) => announce(settings.seams, before, loaded),
  });
  void fate.renewed(NEVER);
  return {
    outage: async (signal) => {
      const last = await fate.current(signal);
      if ('failure' in last) return last.failure;
      return last.value === 'refused' ? undefined : last.value;
    },
    close: () => fate.close(),
  };
}

const NEVER = new AbortController().signal;

/** One random credential; what comes back must be a refusal. */
export async function release(
  { askAtRandom, judge }: Pick<CanarySettings, 'askAtRandom' | 'judge'>,
  signal: AbortSignal,
): Promise<Loaded<Fate, Unavailable>> {
  const answer = await askAtRandom(signal);
  if (answer.kind !== 'answer') return { failure: answer };
  const judgement = judge(answer);
  if (judgement.kind === 'accepted') {
    return { value: unavailable('accepts-anything', `HTTP ${answer.status} for a random credential`) };
  }
  return judgement.kind === 'unavailable' ? { failure: judgement } : { value: 'refused' };
}

function announce({ log, name }: ProviderSeams, before: Fate | undefined, now: Loaded<Fate, Unavailable>): void {
  if ('failure' in now) return;
  const isWelcome = (fate: Fate | undefined): boolean => fate !== undefined && fate !== 'refused';
  if (isWelcome(now.value) && !isWelcome(before)) {
    log('error', 'the upstream accepts a random credential: the provider is out of service until it refuses one', {
      provider: name,
    });
  }
  if (isWelcome(before) && !isWelcome(now.value)) {
    log('warn', 'the upstream refuses random credentials again: the provider is back in service', { provider: name });
  }
}
