// Reads the values of the two response controls in use: paged results and password policy.

import { berContent, berInteger, MalformedBer, readBerElements } from './ber.ts';
import type { LdapResult } from './response.ts';

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
