// LDAP result codes (RFC 4511 §4.1.9) by number, for decisions and for the words in details.

export const SUCCESS = 0;
export const SIZE_LIMIT_EXCEEDED = 4;
export const REFERRAL = 10;
export const CONSTRAINT_VIOLATION = 19;
export const NO_SUCH_OBJECT = 32;
export const INVALID_CREDENTIALS = 49;
export const INSUFFICIENT_ACCESS_RIGHTS = 50;
export const BUSY = 51;
export const UNAVAILABLE = 52;
export const UNWILLING_TO_PERFORM = 53;

const NAMES: Readonly<Record<number, string>> = {
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  4: 'sizeLimitExceeded',
  7: 'authMethodNotSupported',
  8: 'strongerAuthRequired',
  10: 'referral',
  11: 'adminLimitExceeded',
  12: 'unavailableCriticalExtension',
  13: 'confidentialityRequired',
  14: 'saslBindInProgress',
  16: 'noSuchAttribute',
  17: 'undefinedAttributeType',
  18: 'inappropriateMatching',
  19: 'constraintViolation',
  32: 'noSuchObject',
  34: 'invalidDNSyntax',
  48: 'inappropriateAuthentication',
  49: 'invalidCredentials',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  80: 'other',
};

/** `result code 49 (invalidCredentials)`. */
export function describeResult(code: number): string {
  const name = NAMES[code];
  return name === undefined ? `result code ${code}` : `result code ${code} (${name})`;
}
