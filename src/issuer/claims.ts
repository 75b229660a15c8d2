// What an issued token says, written and judged; no I/O, no key.

import type { Identity } from '../core/identity.ts';
import { type EpochMs, type Rejected, rejected } from '../core/verdict.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';
import { isJsonList, isText, stringList } from '../text/json.ts';
import type { IssuerSettings } from './settings.ts';

/** The identity of a token: as it was when its owner signed in. */
export type Holder = Pick<Identity, 'username' | 'uid' | 'groups'>;

/** A token whose signature, claims and times are right. */
export interface IssuedToken extends Holder {
  /** The `jti`; only tokens of kubehook have none. */
  readonly id?: string;
  /** Absent where the token does not say (kubehook). */
  readonly issuedAtMs?: EpochMs;
  readonly expiresAtMs: EpochMs;
  /** The verified payload. */
  readonly payload: JsonObject;
}

/** Seconds since 1970, as JWTs count. */
export interface Times {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** How far another replica's clock may be ahead; an expiry gets no such grace. */
const NOT_BEFORE_TOLERANCE_MS = 30_000;

/** RFC 7519 §4.1, with `uid` and `groups` beside. */
export function payloadOf(holder: Holder, times: Times, id: string, { name, audience }: IssuerSettings): JsonObject {
  const { username, uid, groups } = holder;
  return {
    iss: name,
    aud: audience,
    sub: username,
    ...(uid !== undefined && { uid }),
    groups,
    iat: times.issuedAt,
    nbf: times.issuedAt,
    exp: times.expiresAt,
    jti: id,
  };
}

/**
 * Judges a payload whose signature was right. Rejects with `wrong-issuer`, `wrong-audience`, `expired-token`,
 * `premature-token`, or `malformed-claims` when a required claim is missing or of the wrong type. A token of kubehook may lack
 * `iss`, `iat` and `jti`; its groups are in `grp`, and its uid was `<aud>/<sub>`.
 */
export function judgePayload(
  payload: JsonObject,
  settings: IssuerSettings,
  nowMs: EpochMs,
  isKubehook: boolean,
): IssuedToken | Rejected {
  const { iss, aud, sub, uid, exp, nbf, iat, jti } = payload;
  const groups = stringList(payload[isKubehook ? 'grp' : 'groups'] ?? []);
  if (!isKubehook && iss !== settings.name) return rejected('wrong-issuer');
  if (!named(aud).includes(settings.audience)) return rejected('wrong-audience');
  if (!isText(sub)) return malformed('sub');
  if (uid !== undefined && !isText(uid)) return malformed('uid');
  if (groups === undefined) return malformed('groups');
  if (!isSeconds(exp)) return malformed('exp');
  if (!isSeconds(nbf)) return malformed('nbf');
  if (!isSeconds(iat) && !(isKubehook && iat === undefined)) return malformed('iat');
  if (!isText(jti) && !(isKubehook && jti === undefined)) return malformed('jti');
  if (exp * 1000 <= nowMs) return rejected('expired-token');
  if (Math.max(nbf, iat ?? 0) * 1000 > nowMs + NOT_BEFORE_TOLERANCE_MS) return rejected('premature-token');
  const stated = isKubehook ? `${settings.audience}/${sub}` : uid;
  return {
    username: sub,
    ...(stated !== undefined && { uid: stated }),
    groups,
    ...(jti !== undefined && { id: jti }),
    ...(iat !== undefined && { issuedAtMs: iat * 1000 }),
    expiresAtMs: exp * 1000,
    payload,
  };
}

function malformed(claim: string): Rejected {
  return rejected('malformed-claims', `${claim} is missing or of the wrong type`);
}

/** A NumericDate that stays exact in milliseconds (RFC 7519 §2). */
function isSeconds(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value * 1000 <= Number.MAX_SAFE_INTEGER;
}

/** One audience or several (RFC 7519 §4.1.3). */
function named(aud: JsonValue | undefined): readonly JsonValue[] {
  return isJsonList(aud) ? aud : aud === undefined ? [] : [aud];
}
