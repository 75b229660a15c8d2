// A compact JWS (RFC 7515 §3.1): its two texts as they were signed, and the check of its signature.

import { constants, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { hasRepeatedMember, isJsonObject, type JsonObject, parseJson } from '../../text/json.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { SIGNING_ALGORITHMS, type SigningAlgorithm, type VerificationKey } from './key-set.ts';

export interface SignedToken {
  readonly algorithm: SigningAlgorithm;
  /** Empty: every key is tried. */
  readonly kid: string;
  readonly signature: Buffer;
  /** What was signed, in the one canonical spelling of its bytes (go-jose encodes them anew too). */
  readonly signed: string;
  /** The payload: an object without a member twice at its top, nothing of it verified. */
  readonly claims: JsonObject;
}

const MAX_HEADER_BYTES = 8192;

/**
 * The token, or what is wrong with it in a sentence without any of it. Addresses and keys in the header (`jku`, `x5u`, `jwk`,
 * `x5c`) mean nothing here.
 */
export function parseSignedToken(token: string, allowed: readonly SigningAlgorithm[]): SignedToken | string {
  const parts = token.split('.').map(base64Bytes);
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    return 'it is not three parts of base64url';
  }
  if (header.length > MAX_HEADER_BYTES) return 'its header is too long';
  const fields = strictObject(header, 'header');
  if (typeof fields === 'string') return fields;
  const { alg, kid = null, nonce = null } = fields;
  if (fields['crit'] !== undefined || fields['b64'] !== undefined) return 'its header has crit or b64';
  const algorithm = SIGNING_ALGORITHMS.find((name) => name === alg);
  if (algorithm === undefined || !allowed.includes(algorithm))
    return `its algorithm is not one of ${allowed.join(', ')}`;
  if (kid !== null && typeof kid !== 'string') return 'the kid of its header is no text';
  if (nonce !== null && typeof nonce !== 'string') return 'the nonce of its header is no text';
  const claims = strictObject(payload, 'payload');
  if (typeof claims === 'string') return claims;
  const signed = `${header.toString('base64url')}.${payload.toString('base64url')}`;
  return { algorithm, kid: kid ?? '', signature, signed, claims };
}

/** RFC 4648 §5 without padding; bits that are left over may be set, as for Go. */
function base64Bytes(text: string): Buffer | undefined {
  return text.length % 4 !== 1 && /^[A-Za-z0-9_-]*$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
}

function strictObject(bytes: Buffer, what: string): JsonObject | string {
  const text = decodeUtf8(bytes);
  if (text === undefined) return `its ${what} is not UTF-8`;
  const value = parseJson(text);
  if (!isJsonObject(value)) return `its ${what} is no JSON object`;
  return hasRepeatedMember(text) ? `its ${what} has a member twice` : value;
}

const verifyAsync = promisify(verify);

/** The first key that has signed the token. */
export async function signingKey(
  { algorithm, kid, signature, signed }: SignedToken,
  keys: readonly VerificationKey[],
): Promise<VerificationKey | undefined> {
  const data = Buffer.from(signed);
  for (const candidate of keys) {
    if ((kid !== '' && candidate.kid !== kid) || !candidate.allows(algorithm)) continue;
    // oxlint-disable-next-line no-await-in-loop -- the first that fits ends it
    if (await isSignedBy(candidate, algorithm, data, signature)) return candidate;
  }
  return undefined;
}

async function isSignedBy(
  { key }: VerificationKey,
  algorithm: SigningAlgorithm,
  data: Buffer,
  signature: Buffer,
): Promise<boolean> {
  const hash = `sha${algorithm.slice(2)}`;
  const how = { key, ...PARAMETERS[algorithm.slice(0, 2)] };
  try {
    return isQuick(key) ? verify(hash, data, how, signature) : await verifyAsync(hash, data, how, signature);
  } catch {
    return false;
  }
}

const QUICK_RSA_BITS = 4096;

/** Some keys take a millisecond and more, on another thread; for these the way there and back would cost half as much again. */
function isQuick({ asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength, publicExponent, namedCurve } = details ?? {};
  if (modulusLength === undefined) return namedCurve === 'prime256v1';
  return modulusLength <= QUICK_RSA_BITS && (publicExponent ?? 0n) <= 65_537n;
}

/** RFC 7518 §3.3 to §3.5; Go takes a salt of any length. */
const PARAMETERS: Readonly<Record<string, object>> = {
  RS: { padding: constants.RSA_PKCS1_PADDING },
  PS: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
  ES: { dsaEncoding: 'ieee-p1363' },
};
