// What a verified token says of itself: types, times and audiences, as kube-apiserver judges them; no I/O, no clock.

import { type EpochMs, type Rejected, rejected } from '../../src/core/verdict.ts';
import { isJsonObject, type JsonObject, type JsonValue, stringList } from '../../src/text/json.ts';

/** How far `nbf` may be ahead (github.com/coreos/go-oidc verify.go); an expiry gets no such grace. */
export const NOT_BEFORE_TOLERANCE_MS = 60_000;

export interface GoodToken {
  readonly kind: 'good';
  readonly expiresAt: EpochMs;
}

/** The longest time that is exact in milliseconds. */
const LATEST_MS = Number.MAX_SAFE_INTEGER;
/** Where Go's time.Unix begins anew at the other end. */
const GO_OVERFLOW_S = 2 ** 63 - 62_135_596_800;

/** Only of tokens whose signature was checked. A wrong type is refused even where nothing maps the claim. */
export function judgeClaims(claims: JsonObject, audiences: readonly string[], now: EpochMs): GoodToken | Rejected {
  const { exp, nbf = null, iat, sub = null, nonce = null, at_hash: hash = null, aud } = claims;
  for (const [name, value] of Object.entries({ sub, nonce, at_hash: hash })) {
    if (value !== null && typeof value !== 'string') return malformed(`${name} is no text`);
  }
  const meantFor = audiencesIn(aud);
  if (meantFor === undefined) return malformed('aud is neither a text nor a list of texts');
  const [expiry, start] = [seconds(exp), nbf === null ? undefined : seconds(nbf)];
  if (exp !== undefined && expiry === undefined) return malformed('exp is no number');
  if (nbf !== null && start === undefined) return malformed('nbf is no number');
  if (iat !== undefined && seconds(iat) === undefined) return malformed('iat is no number');
  const sources = sourcesFault(claims);
  if (sources !== undefined) return malformed(sources);
  if (!audiences.some((audience) => meantFor.includes(audience))) return rejected('wrong-audience');
  if (expiry === undefined) return rejected('expired-token', 'it has no exp');
  if (expiry >= GO_OVERFLOW_S || expiry * 1000 < now) return rejected('expired-token');
  if (start !== undefined && now + NOT_BEFORE_TOLERANCE_MS < start * 1000) return rejected('premature-token');
  return { kind: 'good', expiresAt: Math.min(expiry * 1000, LATEST_MS) };
}

function malformed(detail: string): Rejected {
  return rejected('malformed-claims', detail);
}

/** A missing `aud` is none; null in a list reads as the empty text, as in Go. */
function audiencesIn(aud: JsonValue | undefined): readonly string[] | undefined {
  if (aud === undefined || aud === null) return [];
  if (typeof aud === 'string') return [aud];
  return Array.isArray(aud) ? stringList(aud.map((item: JsonValue) => item ?? '')) : undefined;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whole seconds since 1970, cut off towards zero; Go takes a number in quotes as well. */
function seconds(value: JsonValue | undefined): number | undefined {
  const isText = typeof value === 'string' && NUMBER.test(value);
  const number = isText ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.trunc(number) : undefined;
}

/** What is wrong with `_claim_names` and `_claim_sources` (OpenID Connect Core §5.6.2), whatever they are for. */
function sourcesFault({ _claim_names: names = null, _claim_sources: sources = null }: JsonObject): string | undefined {
  if (names !== null && !isJsonObject(names)) return '_claim_names is no map';
  if (sources !== null && !isJsonObject(sources)) return '_claim_sources is no map';
  if (!Object.values(sources ?? {}).every(isSource)) return '_claim_sources has a source of the wrong type';
  const isKnown = (name: JsonValue): boolean =>
    typeof name === 'string' && name !== '' && Object.hasOwn(sources ?? {}, name);
  return Object.values(names ?? {}).every(isKnown) ? undefined : '_claim_names names a source that is not there';
}

function isSource(source: JsonValue): boolean {
  if (source === null) return true;
  if (!isJsonObject(source)) return false;
  const { endpoint = null, access_token: ticket = null } = source;
  return [endpoint, ticket].every((value) => value === null || typeof value === 'string');
}
