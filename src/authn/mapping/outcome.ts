// What one step of a mapping gives, and how `explain` hears of it.

import type { TraceStep } from '../../core/authenticator.ts';
import type { RejectReason } from '../../core/reasons.ts';
import type { JsonValue } from '../../text/json.ts';

/** `detail` names the rule and the claim that failed, never a value. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

export const mapped = <T>(value: T): Outcome<T> => ({ ok: true, value });

export function failed(detail: string, reason: RejectReason = 'mapping-failed'): Outcome<never> {
  return { ok: false, reason, detail };
}

/** Where the steps of one review go; `trace` is absent unless somebody asked for an explanation. */
export interface Story {
  readonly provider: string;
  readonly trace: ((step: TraceStep) => void) | undefined;
}

/** Tells how a field was mapped, and gives the outcome back. */
export function told<T extends JsonValue>(story: Story, field: string, rule: string, outcome: Outcome<T>): Outcome<T> {
  story.trace?.({
    step: 'mapping',
    provider: story.provider,
    field,
    rule,
    ...(outcome.ok ? { value: outcome.value } : { error: outcome.detail }),
  });
  return outcome;
}
