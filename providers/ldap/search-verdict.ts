// What a directory's answer to a search means when it is not simply entries.

import { type Unavailable, unavailable } from '../../src/core/verdict.ts';
import type { SearchAnswer } from '../../src/upstream/ldap/connection.ts';
import { describeResult, INSUFFICIENT_ACCESS_RIGHTS, REFERRAL, SUCCESS } from '../../src/upstream/ldap/result-codes.ts';

/** Undefined when the search succeeded. `what` names it for the detail; the server's words are not quoted. */
export function searchFault(answer: SearchAnswer, what: string): Unavailable | undefined {
  if (answer.code === SUCCESS) return undefined;
  const detail = `${what}: ${describeResult(answer.code)}`;
  if (answer.code === INSUFFICIENT_ACCESS_RIGHTS) return unavailable('insufficient-rights', detail);
  return unavailable(answer.code === REFERRAL ? 'referral' : 'directory-error', detail);
}
