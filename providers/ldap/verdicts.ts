// What a directory's answers mean: the whole difference between a refusal and an outage.

import { type RejectReason } from '../../src/core/reasons.ts';
import {
  type Abstained,
  abstained,
  type Rejected,
  rejected,
  type Unavailable,
  unavailable,
} from '../../src/core/verdict.ts';
import { type SearchAnswer } from '../../src/upstream/ldap/connection.ts';
import { type LdapResult } from '../../src/upstream/ldap/message.ts';
import { CONTROL, describeResult, passwordPolicyError, RESULT } from '../../src/upstream/ldap/result.ts';

/** Undefined when the search succeeded. `what` names it for the detail. */
export function searchFault(answer: SearchAnswer, what: string): Unavailable | undefined {
  if (answer.code === RESULT.success) return undefined;
  const detail = `${what}: ${describeResult(answer)}`;
  if (answer.code === RESULT.insufficientAccessRights) return unavailable('insufficient-rights', detail);
  return unavailable(answer.code === RESULT.referral ? 'referral' : 'directory-error', detail);
}

/** What Active Directory writes behind `data` in the words of invalidCredentials: Win32 error codes (MS-ERREF §2.2). */
const SUB_CODES: ReadonlyMap<string, RejectReason | 'unknown-user'> = new Map([
  ['525', 'unknown-user'],
  ['52e', 'wrong-password'],
  ['530', 'logon-restricted'],
  ['531', 'logon-restricted'],
  ['532', 'password-expired'],
  ['533', 'account-disabled'],
  ['701', 'account-expired'],
  ['773', 'password-must-change'],
  ['775', 'account-locked'],
]);

/** `error` of the password policy control: 0 passwordExpired, 1 accountLocked, 2 changeAfterReset. */
const POLICY_ERRORS: ReadonlyMap<number, RejectReason> = new Map([
  [0, 'password-expired'],
  [1, 'account-locked'],
  [2, 'password-must-change'],
]);

/** 389 Directory Server answers a locked account with constraintViolation. */
const REFUSALS: ReadonlyMap<number, RejectReason> = new Map([
  [RESULT.constraintViolation, 'account-locked'],
  [RESULT.insufficientAccessRights, 'forbidden'],
  [RESULT.unwillingToPerform, 'forbidden'],
]);

export type NotBound = Abstained | Rejected | Unavailable;

/**
 * Undefined when the password is right and the directory has no reservation. `isKnown`: the user's entry was seen; without it
 * invalidCredentials may as well mean an unknown user, so the next provider is asked.
 */
export function bindVerdict(result: LdapResult, isKnown: boolean): NotBound | undefined {
  const policy = statedByPolicy(result);
  const detail = `the user's bind: ${describeResult(result)}`;
  if (result.code === RESULT.success)
    return policy === undefined ? undefined : rejected(policy, 'password policy control');
  if (result.code === RESULT.invalidCredentials) return invalidCredentials(result, policy, isKnown);
  const reason = policy ?? REFUSALS.get(result.code);
  if (REFUSALS.has(result.code) && reason !== undefined) return rejected(reason, detail);
  return unavailable(result.code === RESULT.referral ? 'referral' : 'directory-error', detail);
}

/** draft-vchu-ldap-pwd-policy §2: some servers send their own control unasked, empty or `0`. */
function statedByPolicy(result: LdapResult): RejectReason | undefined {
  const stated = POLICY_ERRORS.get(passwordPolicyError(result) ?? -1);
  if (stated !== undefined || !result.controls.has(CONTROL.passwordExpired)) return stated;
  return result.code === RESULT.success ? 'password-must-change' : 'password-expired';
}

function invalidCredentials(result: LdapResult, policy: RejectReason | undefined, isKnown: boolean): NotBound {
  const subCode = /, data (?<code>[0-9a-f]{1,8}),/i.exec(result.diagnostic)?.groups?.['code']?.toLowerCase();
  const stated = subCode === undefined ? undefined : SUB_CODES.get(subCode);
  const isQuoted = subCode === undefined || result.said !== undefined;
  const detail = `the user's bind: ${describeResult(result)}${isQuoted ? '' : `, data ${subCode}`}`;
  if (stated === 'unknown-user') return abstained('unknown-user', detail);
  if (stated !== undefined) return rejected(stated, detail);
  if (policy !== undefined) return rejected(policy, detail);
  return isKnown ? rejected('wrong-password', detail) : abstained('not-authenticated', detail);
}
