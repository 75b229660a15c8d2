// What is known of each upstream from the reviews that asked it.

import type { OutageReason } from '../core/reasons.ts';
import { describeReason } from '../core/reasons.ts';
import type { Verdict } from '../core/verdict.ts';

export interface UpstreamState {
  readonly provider: string;
  /** Undefined until it was asked for the first time. */
  readonly up?: boolean;
  /** Why it was not up the last time. */
  readonly reason?: OutageReason;
  readonly circuit: 'closed' | 'half-open' | 'open';
}

export interface ProviderHealth {
  /** Returns whether the upstream answered; undefined when the verdict says nothing about it. */
  verdict(provider: string, verdict: Verdict<unknown>): boolean | undefined;
  circuit(provider: string, state: UpstreamState['circuit']): void;
  states(): readonly UpstreamState[];
}

export function providerHealth(providers: readonly string[]): ProviderHealth {
  const states = new Map<string, UpstreamState>();
  for (const provider of providers) states.set(provider, { provider, circuit: 'closed' });
  const update = (provider: string, change: Partial<UpstreamState>): void => {
    states.set(provider, { ...(states.get(provider) ?? { provider, circuit: 'closed' }), ...change });
  };
  return {
    verdict: (provider, verdict) => {
      const up = upstreamAnswered(verdict);
      if (up === undefined) return undefined;
      const before = states.get(provider);
      const reason = verdict.kind === 'unavailable' ? verdict.reason : verdict.upstream?.reason;
      if (before?.up !== up || before.reason !== reason) {
        states.set(provider, { provider, circuit: before?.circuit ?? 'closed', up, ...(reason && { reason }) });
      }
      return up;
    },
    circuit: (provider, state) => update(provider, { circuit: state }),
    states: () => [...states.values()],
  };
}

/** Whether the verdict shows the upstream alive; undefined when the broker decided alone. */
export function upstreamAnswered(verdict: Verdict<unknown>): boolean | undefined {
  if (verdict.upstream !== undefined) return false;
  if (verdict.kind === 'authenticated') return true;
  if (describeReason(verdict.reason).local === true) return undefined;
  return verdict.kind !== 'unavailable';
}
