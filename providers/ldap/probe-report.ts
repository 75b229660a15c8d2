// How a probe tells of an outage: what happened, and what to do next.

import type { ProbeReport } from '../../src/core/provider.ts';
import { describeReason } from '../../src/core/reasons.ts';
import type { Unavailable } from '../../src/core/verdict.ts';
import { describeFault } from '../../src/upstream/http/fault-words.ts';

/** `where` is the address that the fault begins with. */
export function reportFault(report: ProbeReport, step: string, fault: Unavailable, where: string): void {
  report({ step, result: 'failed', reason: fault.reason, detail: describeFault(fault, seenIn(fault, where)) });
}

/** What happened, without the address: the steps have told it already. */
export function seenIn({ reason, detail }: Unavailable, where: string): string {
  if (detail === undefined) return describeReason(reason).meaning.replace(/\.$/, '');
  return detail.startsWith(`${where}: `) ? detail.slice(where.length + 2) : detail;
}
