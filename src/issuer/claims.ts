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
  readonly endpoint?: string;
  /** It is good at its `endpoint` alone; only tokens of kubehook are not bound. */
  readonly isBound: boolean;
  /** The verified payload. */
  readonly payload: JsonObject;
}

/** What one token is made of, beside its issuer. */
export interface Issuance {
  readonly holder: Holder;
  /** Path of the endpoint whose chain signed the holder in, where alone the token is good. */
  readonly endpoint: string;
  readonly id: string;
  readonly issuedAtMs: EpochMs;
  /** Whole seconds; later than the time of issue by at most `lifetime.max`. */
  readonly expiresAtMs: EpochMs;
  readonly asked?: AskedByClient | undefined;
}

/** What an ID token says beside, for the client that asked for it (OpenID Connect Core §2). */
export interface AskedByClient {
  readonly clientID: string;
  readonly nonce?: string | undefined;
  readonly authTimeMs: EpochMs;
}

/** How far the clocks of two brokers may be apart; an expiry gets no such grace. */
export const CLOCK_TOLERANCE_MS = 30_000;

/** The default audience of kubehook, under the two names that its repository has had. */
const KUBEHOOK_AUDIENCES: readonly string[] = ['github.com/planetlabs/kubehook', 'github.com/negz/kubehook'];

/** RFC 7519 §4.1, with `uid`, `groups` and `endpoint` beside. */
export function payloadOf(issuance: Issuance, { name, audience }: IssuerSettings): JsonObject {
  const { holder, endpoint, id, asked } = issuance;
  const { username, uid, groups } = holder;
  const issuedAt = Math.floor(issuance.issuedAtMs / 1000);
  return {
    iss: name,
    aud: asked === undefined ? audience : [asked.clientID, audience],
    ...(asked && { azp: asked.clientID, auth_time: Math.floor(asked.authTimeMs / 1000) }),
    ...(asked?.nonce !== undefined && { nonce: asked.nonce }),
    sub: username,
    ...(uid !== undefined && { uid }),
    groups,
    endpoint,
    iat: issuedAt,
    nbf: issuedAt,
    exp: Math.floor(issuance.expiresAtMs / 1000),
    jti: id,
  };
}

/**
 * Judges a payload whose signature was right. Rejects with `wrong-issuer`, `wrong-audience`, `expired-token`,
 * `premature-token`, `over-long-token`, or `malformed-claims` when a required claim is missing or of the wrong type. A token of
 * kubehook may lack `iss`, `iat`, `jti` and `endpoint`; its groups are in `grp`, and its uid was `<aud>/<sub>`.
 */
export function judgePayload(
  payload: JsonObject,
  settings: IssuerSettings,
  nowMs: EpochMs,
  isKubehook: boolean,
): IssuedToken | Rejected {
  const { iss, sub, uid, exp, nbf, iat, jti, endpoint } = payload;
  const groups = stringList(payload[isKubehook ? 'grp' : 'groups'] ?? []);
  if (!isKubehook && iss !== settings.name) return rejected('wrong-issuer');
  const audience = audienceIn(payload, settings, isKubehook);
  if (audience === undefined) return rejected('wrong-audience');
  if (!isText(sub)) return malformed('sub');
  if (uid !== undefined && !isText(uid)) return malformed('uid');
  if (groups === undefined) return malformed('groups');
  if (!isSeconds(exp)) return malformed('exp');
  if (!isSeconds(nbf)) return malformed('nbf');
  if (!isSeconds(iat) && !(isKubehook && iat === undefined)) return malformed('iat');
  if (!isText(jti) && !(isKubehook && jti === undefined)) return malformed('jti');
  if (endpoint !== undefined && !isText(endpoint)) return malformed('endpoint');
  const fault = timeFault({ exp, nbf, iat }, settings, nowMs);
  if (fault !== undefined) return fault;
  const stated = isKubehook ? `${audience}/${sub}` : uid;
  return {
    username: sub,
    ...(stated !== undefined && { uid: stated }),
    groups,
    ...(jti !== undefined && { id: jti }),
    ...(iat !== undefined && { issuedAtMs: issuedAtOf(iat, jti) }),
    ...(endpoint !== undefined && { endpoint }),
    isBound: !isKubehook,
    expiresAtMs: exp * 1000,
    payload,
  };
}

interface Times {
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number | undefined;
}

function timeFault({ exp, nbf, iat }: Times, { lifetime }: IssuerSettings, nowMs: EpochMs): Rejected | undefined {
  if (exp * 1000 <= nowMs) return rejected('expired-token');
  if (Math.max(nbf, iat ?? 0) * 1000 > nowMs + CLOCK_TOLERANCE_MS) return rejected('premature-token');
  return (exp - (iat ?? nbf)) * 1000 > lifetime.maxMs ? rejected('over-long-token') : undefined;
}

/** The issuer's audience when the token names it, or for a token of kubehook the other name of kubehook's default. */
function audienceIn({ aud }: JsonObject, { audience }: IssuerSettings, isKubehook: boolean): string | undefined {
  const named: readonly (JsonValue | undefined)[] = isJsonList(aud) ? aud : [aud];
  const taken = isKubehook && KUBEHOOK_AUDIENCES.includes(audience) ? KUBEHOOK_AUDIENCES : [audience];
  return taken.find((candidate) => named.includes(candidate));
}

/** Six bytes of the time in milliseconds, and ten that are random. */
const ID_RANDOM_BYTES = 10;
const ID_TIME_BYTES = 6;
const OWN_ID = /^[\w-]{22}$/;

/** A `jti` that also says, finer than `iat`, when a token was issued: what it is compared by with revocations of its user. */
export function newTokenId(issuedAtMs: EpochMs, randomBytes: (size: number) => Buffer): string {
  const time = Buffer.alloc(ID_TIME_BYTES);
  time.writeUIntBE(issuedAtMs, 0, ID_TIME_BYTES);
  return Buffer.concat([time, randomBytes(ID_RANDOM_BYTES)]).toString('base64url');
}

/** The time in the `jti` when it agrees with `iat`, else `iat`: ids of other makers say nothing. */
function issuedAtOf(iat: number, jti: string | undefined): EpochMs {
  if (jti === undefined || !OWN_ID.test(jti)) return iat * 1000;
  const atMs = Buffer.from(jti, 'base64url').readUIntBE(0, ID_TIME_BYTES);
  return Math.abs(atMs - iat * 1000) <= 2 * CLOCK_TOLERANCE_MS ? atMs : iat * 1000;
}

function malformed(claim: string): Rejected {
  return rejected('malformed-claims', `${claim} is missing or of the wrong type`);
}

/** A NumericDate that stays exact in milliseconds (RFC 7519 §2). */
function isSeconds(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value * 1000 <= Number.MAX_SAFE_INTEGER;
}
