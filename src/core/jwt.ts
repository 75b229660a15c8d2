// Reads a JWT without trusting it: only to decide which provider may see it.

import { dataObject, type JsonObject, parseJsonObject } from '../text/json.ts';

/** Unverified header and claims (RFC 7519 §3); an unreadable payload yields no claims. */
export interface Jwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/;
const NO_CLAIMS = dataObject([]);

/** The parts of a compact JWS whose header is a JSON object with a string `alg`, else undefined. */
export function parseJwt(token: string): Jwt | undefined {
  if (!COMPACT.test(token)) return undefined;
  const [header, claims] = token.split('.', 2).map(decode);
  if (typeof header?.['alg'] !== 'string') return undefined;
  return { header, claims: claims ?? NO_CLAIMS };
}

function decode(base64url: string): JsonObject | undefined {
  return parseJsonObject(Buffer.from(base64url, 'base64url').toString());
}
