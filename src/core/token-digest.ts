// The form in which a file may hold a bearer token: its SHA-256, from which nobody gets the token back.

import { hash } from 'node:crypto';

/** Of the token's UTF-8, 64 lower-case hexadecimal digits. */
export function tokenDigest(token: string): string {
  return hash('sha256', token, 'hex');
}

/** What `tokenDigest` gives. */
export const TOKEN_DIGEST = /^[0-9a-f]{64}$/;
