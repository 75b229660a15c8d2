// The closed vocabulary of reasons: why a verdict is what it is, and what an operator does next.

import { type MALFORMED_REASONS, OUTAGE_REASONS } from './outage-reasons.ts';
import type { ReasonRow } from './reason-row.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from './refusal-reasons.ts';

export type AbstainReason = keyof typeof ABSTAIN_REASONS;
export type RejectReason = keyof typeof REJECT_REASONS;
export type OutageReason = keyof typeof OUTAGE_REASONS;
export type MalformedReason = keyof typeof MALFORMED_REASONS;
export type Reason = AbstainReason | RejectReason | OutageReason;

const all: Readonly<Record<Reason, ReasonRow>> = { ...ABSTAIN_REASONS, ...REJECT_REASONS, ...OUTAGE_REASONS };

/** Next steps that only one type of provider can name, because they speak of its own options. */
export type NextSteps = Partial<Readonly<Record<Reason, string>>>;

/** The row of a reason: its sentence, the next step, and how budget and circuit count it. */
export function describeReason(reason: Reason, { [reason]: next }: NextSteps = {}): ReasonRow {
  return next === undefined ? all[reason] : { ...all[reason], next };
}
