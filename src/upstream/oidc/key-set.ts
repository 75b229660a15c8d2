// A JSON Web Key Set (RFC 7517): the keys in it that can verify a signature, and why the others cannot.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { isJsonObject, isText, type JsonObject, stringList } from '../../text/json.ts';

/** What kube-apiserver takes (k8s.io/apiserver plugin/pkg/authenticator/token/oidc, allowedSigningAlgs). */
export const SIGNING_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

export interface VerificationKey {
  /** Empty when it has none. */
  readonly kid: string;
  /** The same for the same key, wherever it was read. */
  readonly fingerprint: string;
  /** Whether `alg`, curve and type allow this algorithm. */
  allows(algorithm: SigningAlgorithm): boolean;
  readonly key: KeyObject;
}

export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** A sentence for each key that is of no use. */
  readonly ignored: readonly string[];
}

const CURVES: Readonly<Record<string, SigningAlgorithm>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const MIN_RSA_BITS = 2048;
/** An unsigned token would otherwise cost as many verifications as a hostile document has keys. */
const MAX_KEYS = 100;

/** The keys of a JWKS; undefined when it is none. A key that cannot be read or used is left out and named in `ignored`. */
export function parseKeySet(document: JsonObject): KeySet | undefined {
  const { keys } = document;
  if (!Array.isArray(keys)) return undefined;
  const read = keys.slice(0, MAX_KEYS).map((jwk: unknown, index) => {
    const key = isJsonObject(jwk) ? readKey(jwk) : 'is no map';
    const name =
      isJsonObject(jwk) && isText(jwk['kid']) ? JSON.stringify(jwk['kid'].slice(0, 80)) : `number ${index + 1}`;
    return typeof key === 'string' ? `key ${name} ${key}` : key;
  });
  const more = keys.length > MAX_KEYS ? [`${keys.length - MAX_KEYS} keys beyond the first ${MAX_KEYS}`] : [];
  return {
    keys: read.filter((key) => typeof key !== 'string'),
    ignored: [...read.filter((key) => typeof key === 'string'), ...more],
  };
}

/** The key, or why it is of no use. */
function readKey(jwk: JsonObject): VerificationKey | string {
  const { kty, crv, use, alg, kid, d, key_ops: operations } = jwk;
  if (kty !== 'RSA' && kty !== 'EC') return `is of type ${isText(kty) ? JSON.stringify(kty.slice(0, 20)) : 'none'}`;
  if (d !== undefined) return 'is a private key';
  if (isText(use) && use !== 'sig') return `is for ${JSON.stringify(use.slice(0, 20))}, not for signatures`;
  if (operations !== undefined && stringList(operations)?.includes('verify') !== true) return 'is not for verifying';
  const key = publicKey(jwk);
  if (key === undefined) return 'cannot be read';
  const bits = key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) return `has ${bits} bits, less than ${MIN_RSA_BITS}`;
  const fits = (algorithm: SigningAlgorithm): boolean =>
    kty === 'RSA'
      ? algorithm.startsWith('RS') || algorithm.startsWith('PS')
      : typeof crv === 'string' && CURVES[crv] === algorithm;
  return {
    kid: isText(kid) ? kid : '',
    fingerprint: JSON.stringify([kty, crv, jwk['n'], jwk['e'], jwk['x'], jwk['y'], alg]),
    allows: (algorithm) => fits(algorithm) && (!isText(alg) || alg === algorithm),
    key,
  };
}

function publicKey({ kty, crv, n, e, x, y }: JsonObject): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: JSON.parse(JSON.stringify({ kty, crv, n, e, x, y })), format: 'jwk' });
    // A modulus that is no number passes as JSON and fails at the first use.
    key.export({ type: 'spki', format: 'der' });
    return key;
  } catch {
    return undefined;
  }
}
