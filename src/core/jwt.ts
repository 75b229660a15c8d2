// Reads a JWT without trusting it: only to decide which provider may see it.

import { dataObject, isJsonObject, type JsonObject, type JsonValue, parseJson, parseJsonObject } from '../text/json.ts';

/** Unverified header and claims (RFC 7519 §3); an unreadable payload yields no claims. */
export interface Jwt {
  readonly header: JsonObject;
  /** The claim `iss`, which every review asks for, also one whose verdict is remembered. */
  readonly issuer: string | undefined;
  /** Copied into data when they are first looked at. */
  readonly claims: JsonObject;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/;

/** The parts of a compact JWS whose header is a JSON object with a string `alg`, else undefined. */
export function parseJwt(token: string): Jwt | undefined {
  if (!COMPACT.test(token)) return undefined;
  const [head = '', payload = ''] = token.split('.', 2);
  const header = parseJsonObject(decoded(head));
  if (typeof header?.['alg'] !== 'string') return undefined;
  const value = parseJson(decoded(payload));
  return unverified(header, isJsonObject(value) ? value : {});
}

function unverified(header: JsonObject, parsed: JsonObject): Jwt {
  const iss: JsonValue | undefined = Object.hasOwn(parsed, 'iss') ? parsed['iss'] : undefined;
  let claims: JsonObject | undefined;
  return {
    header,
    issuer: typeof iss === 'string' ? iss : undefined,
    get claims() {
      claims ??= dataObject(Object.entries(parsed));
      return claims;
    },
  };
}

function decoded(base64url: string): string {
  return Buffer.from(base64url, 'base64url').toString();
}
