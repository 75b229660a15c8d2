// An outage in words for `check --connect`: what was seen, and what to do next.

import type { ProbeStep } from '../../core/provider.ts';
import { describeReason, type NextSteps } from '../../core/reasons.ts';
import type { Unavailable } from '../../core/verdict.ts';
import { errorCode } from '../../text/error-code.ts';

/**
 * `seen` is what happened, without the address, which the step has named; a bare code is explained. Of TLS the cure of its
 * code is told, because the sentence of the reason sends people to `check --connect`, where they are.
 */
export function describeFault(fault: Unavailable, seen: string): string {
  const { meaning, next } = describeReason(fault.reason);
  const code = errorCode(fault.cause);
  if (fault.reason === 'tls-failed') return `${seen}${seen === code ? ':' : '.'} ${tlsCure(code)}`;
  return seen === code ? `${seen}: ${meaning} ${next}` : `${seen}. ${next}`;
}

/** The step of a probe that an outage ended. */
export function failedStep(step: string, { reason, detail }: Unavailable, nextSteps?: NextSteps): ProbeStep {
  const { meaning, next } = describeReason(reason, nextSteps);
  const seen = detail === undefined ? '' : ` (${detail})`;
  return { step, result: 'failed', reason, detail: `${reason}: ${meaning}${seen} ${next}` };
}

function tlsCure(code: string | undefined): string {
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'Renew the certificate.';
    case 'CERT_NOT_YET_VALID':
      return 'Compare the clocks.';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'Use one of these names as host, or set tls.serverName to one.';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'Set tls.caFile to the authority that signed the certificate.';
    default:
      return "Check that the port speaks TLS 1.2 or later; the server's log may tell more.";
  }
}
