// What an introspection answer says about a token; no I/O, no clock.

import type { BearerCredential } from '../../src/core/credential.ts';
import { abstained, type EpochMs, rejected, unavailable } from '../../src/core/verdict.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import type { Refused } from '../../src/upstream/oidc/exchange.ts';

export interface Expected {
  readonly issuer?: string;
  readonly audiences?: readonly string[];
}

/** A token that is good now. */
export interface ActiveToken {
  readonly kind: 'active';
  readonly audiences?: readonly string[];
  readonly expiresAt?: EpochMs;
}

/** How far the broker's clock may be behind the issuer's when a token is fresh; an expiry gets no such grace. */
export const NOT_BEFORE_TOLERANCE_MS = 30_000;

const TYPE_MEMBERS = ['token_type', 'token_use', 'typ'] as const;
/**
 * Keycloak calls a refresh token without an end `Offline`, and an ID token `ID`; Cognito says `id`. A DPoP token is worth
 * nothing without its proof (RFC 9449 §7.1).
 */
const NOT_AN_ACCESS_TOKEN = /refresh|^offline$|^id$|id[_+ -]?token|logout|secevent|^dpop$/i;
/** An event (RFC 8417), which a logout token is (OpenID Connect Back-Channel Logout §2.4); hashes that only ID tokens carry. */
const FOREIGN_MEMBERS = ['events', 'at_hash', 'c_hash'] as const;

/** Judges the JSON of RFC 7662 §2.2. Answers that contradict the RFC's types are `malformed-answer`. */
export function tokenState(
  answer: JsonObject,
  credential: BearerCredential,
  expected: Expected,
  now: EpochMs,
): ActiveToken | Refused {
  const { active } = answer;
  if (typeof active !== 'boolean') return unavailable('malformed-answer', 'the answer has no boolean "active"');
  if (!active) return inactive(credential, expected);
  const audiences = audiencesOf(answer['aud']);
  if (audiences === undefined) return malformed('aud');
  return (
    timesRefused(answer, now) ??
    issuerRefused(answer['iss'], expected) ??
    audienceRefused(audiences, expected) ??
    typeRefused(answer) ??
    typeRefused({ ...credential.jwt?.claims, cnf: null, ...headerType(credential) }) ?? {
      kind: 'active',
      // Once it is for us, it is good for what the endpoint is good for, as in-tree JWT authentication has it.
      ...(audiences.length === 0 || expected.audiences !== undefined ? {} : { audiences }),
      ...(typeof answer['exp'] === 'number' ? { expiresAt: answer['exp'] * 1000 } : {}),
    }
  );
}

/** Only a JWT says who issued it; an opaque token may be known to the next provider. */
function inactive(credential: BearerCredential, expected: Expected): Refused {
  const isOurs = expected.issuer !== undefined && credential.jwt?.claims['iss'] === expected.issuer;
  return isOurs ? rejected('inactive-token') : abstained('unknown-token');
}

function timesRefused(answer: JsonObject, now: EpochMs): Refused | undefined {
  const { exp, nbf, iat } = answer;
  if (!isTime(exp)) return malformed('exp');
  if (!isTime(nbf)) return malformed('nbf');
  if (!isTime(iat)) return malformed('iat');
  if (exp !== undefined && exp * 1000 <= now) return rejected('expired-token');
  if (nbf !== undefined && nbf * 1000 > now + NOT_BEFORE_TOLERANCE_MS) return rejected('premature-token');
  return undefined;
}

function issuerRefused(iss: JsonValue | undefined, { issuer }: Expected): Refused | undefined {
  if (iss !== undefined && typeof iss !== 'string') return malformed('iss');
  return iss === undefined || issuer === undefined || iss === issuer ? undefined : rejected('wrong-issuer');
}

function audienceRefused(audiences: readonly string[], expected: Expected): Refused | undefined {
  const isMeantForUs = expected.audiences?.some((audience) => audiences.includes(audience)) ?? true;
  return isMeantForUs ? undefined : rejected('wrong-audience');
}

/** Of the answer, and of a JWT that says of itself what the server leaves out: unverified, it can only make things worse. */
function typeRefused(said: JsonObject): Refused | undefined {
  for (const name of TYPE_MEMBERS) {
    const value = said[name];
    if (typeof value === 'string' && NOT_AN_ACCESS_TOKEN.test(value)) return rejected('wrong-token-type');
  }
  if (FOREIGN_MEMBERS.some((name) => isStated(said[name]))) return rejected('wrong-token-type');
  return isStated(said['cnf'])
    ? rejected('wrong-token-type', 'the token is bound to a key (cnf) and was presented without it')
    : undefined;
}

const isStated = (value: JsonValue | undefined): boolean => value !== undefined && value !== null;

function headerType({ jwt }: BearerCredential): JsonObject {
  const typ = jwt?.header['typ'];
  return typ === undefined ? {} : { token_use: typ };
}

/** Seconds since 1970 that stay exact in milliseconds (`NumericDate`, RFC 7519 §2), or left out. */
function isTime(value: JsonValue | undefined): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Math.abs(value) * 1000 <= Number.MAX_SAFE_INTEGER);
}

/** A string or a list of strings; null and left out are none; undefined is neither. */
function audiencesOf(aud: JsonValue | undefined): readonly string[] | undefined {
  if (aud === undefined || aud === null) return [];
  const list: readonly JsonValue[] = Array.isArray(aud) ? aud : [aud];
  const strings = list.filter((item) => typeof item === 'string');
  return strings.length === list.length ? strings : undefined;
}

function malformed(member: string): Refused {
  return unavailable('malformed-answer', `the introspection answer has a ${member} of the wrong type`);
}
