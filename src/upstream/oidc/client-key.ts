// The private key of private_key_jwt: which algorithm it signs with follows from the key.

import { createPrivateKey, type KeyObject, type webcrypto } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';

type Algorithm = Parameters<KeyObject['toCryptoKey']>[0];

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const MIN_RSA_BITS = 2048;

const SUPPORTED =
  'must be a private key in PEM without a passphrase: RSA of at least 2048 bits (RS256), EC P-256 (ES256), P-384 (ES384) ' +
  'or P-521 (ES512), or Ed25519 (EdDSA)';

/** The key, usable for signing and nothing else; or a sentence that says which keys can be used. */
export function readClientKey(pem: Secret): webcrypto.CryptoKey | string {
  try {
    const key = createPrivateKey(pem.reveal());
    const algorithm = algorithmOf(key);
    return algorithm === undefined ? SUPPORTED : key.toCryptoKey(algorithm, false, ['sign']);
  } catch {
    return SUPPORTED;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS) {
    return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  }
  const namedCurve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  return asymmetricKeyType === 'ec' && namedCurve !== undefined ? { name: 'ECDSA', namedCurve } : undefined;
}
