// The form in which a file may hold a bearer token: its SHA-256, from which nobody gets the token back.

import { hash } from 'node:crypto';
import { parseCredential } from './credential.ts';

/** Of the token's UTF-8, 64 lower-case hexadecimal digits. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'hex');
}

/** What `tokenDigest` gives. */
export const TOKEN_DIGEST = /^[0-9a-f]{64}$/;

/** Why a review never brings this token to whoever looks digests up; undefined when it does. */
export function whyNeverLookedUp(token: string): string | undefined {
  const credential = parseCredential(token, { tokenBytes: Number.POSITIVE_INFINITY, ignoreIssuers: new Set() });
  if (credential.kind === 'refused') return `it is refused by its form (${credential.reason})`;
  if (credential.kind === 'password') return 'it reads as username:password, or as base64 of that';
  return credential.form === 'jwt' ? 'it reads as a JWT, which is verified and never looked up' : undefined;
}
