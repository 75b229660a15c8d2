// What a directory's result says: its code, by the names of RFC 4511 §4.1.9, and the values of its controls.

import { berContent, berInteger, MalformedBer, readBerElements } from './ber.ts';
import type { LdapResult } from './response.ts';

export const RESULT = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  noSuchObject: 32,
  invalidDNSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  other: 80,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RESULT).map(([name, code]) => [code, name]));

/** `result code 49 (invalidCredentials)`. */
export function describeResult(code: number): string {
  const name = NAMES.get(code);
  return name === undefined ? `result code ${code}` : `result code ${code} (${name})`;
}

const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const PASSWORD_POLICY = '1.3.6.1.4.1.42.2.27.8.5.1';

/** Where the next page starts (RFC 2696), or undefined after the last one. Throws `MalformedBer`. */
export function nextPageCookie(result: LdapResult): Buffer | undefined {
  const value = result.controls.get(PAGED_RESULTS);
  if (value === undefined) return undefined;
  const [sequence] = readBerElements(value);
  const [, cookie] = readBerElements(berContent(sequence, 0x30));
  const bytes = berContent(cookie, 0x04);
  return bytes.length === 0 ? undefined : bytes;
}

/** `error` of draft-behera-ldap-password-policy §6.2, or undefined when the server states none (or states nonsense). */
export function passwordPolicyError(result: LdapResult): number | undefined {
  const value = result.controls.get(PASSWORD_POLICY);
  if (value === undefined) return undefined;
  try {
    const [sequence] = readBerElements(value);
    const error = readBerElements(berContent(sequence, 0x30)).find((element) => element.tag === 0x81);
    return error === undefined ? undefined : berInteger(error.content);
  } catch (error) {
    if (error instanceof MalformedBer) return undefined;
    throw error;
  }
}
