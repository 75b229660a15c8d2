// How a probe tells of an outage: what happened, and what to do next.

import type { ProbeReport } from '../../src/core/provider.ts';
import { describeReason } from '../../src/core/reasons.ts';
import type { Unavailable } from '../../src/core/verdict.ts';

export function reportFault(report: ProbeReport, step: string, fault: Unavailable): void {
  const { meaning, next } = describeReason(fault.reason);
  report({ step, result: 'failed', reason: fault.reason, detail: `${fault.detail ?? meaning}. ${next}` });
}
