// What a directory's result says: its code, by the names of RFC 4511 §4.1.9, and the values of its controls.

import { berContent, berInteger, MalformedBer, readBerElements } from './ber.ts';
import type { LdapResult } from './message.ts';

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

/** The code of a result, and what may be quoted of the server's own words. */
export interface Answer {
  readonly code: number;
  readonly said?: string | undefined;
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RESULT).map(([name, code]) => [code, name]));

/** `result code 49 (invalidCredentials)`, and what the server says about it. */
export function describeResult({ code, said }: Answer): string {
  const name = NAMES.get(code);
  return `result code ${code}${name === undefined ? '' : ` (${name})`}${said === undefined ? '' : `, "${said}"`}`;
}

const MAX_QUOTED_CHARACTERS = 200;

/**
 * The server's own words for an operator: printable characters, 200 at most. Undefined when there are none, and when they
 * repeat what was typed: people type passwords into the username field, and servers repeat names and filters.
 */
export function quotable(diagnostic: string, typed: readonly string[]): string | undefined {
  if (diagnostic === '') return undefined;
  const heard = diagnostic.toLowerCase();
  if (typed.flatMap(spellingsOf).some((spelling) => heard.includes(spelling.toLowerCase()))) return undefined;
  const words = diagnostic.replaceAll(/[\p{C}\p{Zl}\p{Zp}\ufffd]+/gu, ' ').trim();
  return words === '' ? undefined : Array.from(words).slice(0, MAX_QUOTED_CHARACTERS).join('');
}

function spellingsOf(typed: string): readonly string[] {
  const bytes = Buffer.from(typed);
  const json = JSON.stringify(typed).slice(1, -1);
  return [
    typed,
    bytes.toString('latin1'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(typed.toWellFormed()),
    json,
    JSON.stringify(json).slice(1, -1),
    typed.replaceAll(/[\\*()\0]/g, (special) => `\\${special.charCodeAt(0).toString(16).padStart(2, '0')}`),
  ];
}

/** Paged results (RFC 2696), draft-behera-ldap-password-policy §6, and draft-vchu-ldap-pwd-policy §2, which nobody asks for. */
export const CONTROL = {
  pagedResults: '1.2.840.113556.1.4.319',
  passwordPolicy: '1.3.6.1.4.1.42.2.27.8.5.1',
  passwordExpired: '2.16.840.1.113730.3.4.4',
} as const;

/** Where the next page starts (RFC 2696), or undefined after the last one. Throws `MalformedBer`. */
export function nextPageCookie(result: LdapResult): Buffer | undefined {
  const value = result.controls.get(CONTROL.pagedResults);
  if (value === undefined) return undefined;
  const [sequence] = readBerElements(value);
  const [, cookie] = readBerElements(berContent(sequence, 0x30));
  const bytes = berContent(cookie, 0x04);
  return bytes.length === 0 ? undefined : bytes;
}

/** `error` of draft-behera-ldap-password-policy §6.2, or undefined when the server states none (or states nonsense). */
export function passwordPolicyError(result: LdapResult): number | undefined {
  const value = result.controls.get(CONTROL.passwordPolicy);
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
