// Signs and verifies compact JWS (RFC 7515) with the algorithm of the key, whatever a token says of itself.

import { CompactSign, compactVerify } from 'jose';
import { type JsonObject, parseJsonObject } from '../text/json.ts';
import type { IssuerKey } from './settings.ts';

/** `alg`, `kid` and `typ` in the header; the key must be there and able to sign. */
export async function signed(payload: JsonObject, key: IssuerKey | undefined): Promise<string> {
  if (key?.sign === undefined) throw new TypeError(`key ${key?.id} cannot sign`);
  const { id, algorithm, sign } = key;
  const text = new TextEncoder().encode(JSON.stringify(payload));
  return new CompactSign(text).setProtectedHeader({ alg: algorithm, kid: id, typ: 'JWT' }).sign(sign);
}

/**
 * The payload, or undefined for whatever is wrong: the signature, another `alg` than the key's, `crit`, a second spelling of
 * the same bytes, a payload that is no JSON object. Never throws.
 */
export async function verified(token: string, { algorithm, verify }: IssuerKey): Promise<JsonObject | undefined> {
  if (!isCanonical(token)) return undefined;
  try {
    const { payload, protectedHeader } = await compactVerify(token, verify, { algorithms: [algorithm] });
    if (protectedHeader.crit !== undefined || protectedHeader.b64 !== undefined) return undefined;
    return parseJsonObject(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
}

/** The last character of a base64url text has bits that no byte holds: with others set it would be another token, as good. */
function isCanonical(token: string): boolean {
  return token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
