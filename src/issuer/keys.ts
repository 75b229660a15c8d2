// PEM or shared secret → a key that can sign, verify, or both, with the one algorithm it is meant for.

import { createPrivateKey, createPublicKey, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Secret } from '../core/secret.ts';
import type { Algorithm, IssuerKey } from './settings.ts';
import { weakness } from './weak-secret.ts';

/** The key, or one sentence that says what is wrong with it and never quotes it. */
export type KeyResult = GoodKey | { readonly fault: string };

export interface GoodKey {
  readonly key: IssuerKey;
  /** Why the secret could be guessed, completing "the secret …". */
  readonly weakness?: string;
}

type Imported = Parameters<KeyObject['toCryptoKey']>[0];

const ASYMMETRIC: Readonly<Record<Exclude<Algorithm, 'HS256'>, Imported>> = {
  EdDSA: { name: 'Ed25519' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
};

const KIND: Readonly<Record<Exclude<Algorithm, 'HS256'>, string>> = { EdDSA: 'Ed25519', ES256: 'EC P-256' };

/** A private key signs and verifies; the public half alone verifies. */
export function keyOfPem(id: string, algorithm: Exclude<Algorithm, 'HS256'>, pem: Secret): KeyResult {
  const given = parsePem(pem.reveal());
  if (given === undefined) return { fault: 'the file holds no unencrypted PEM key' };
  if (algorithmOf(given) !== algorithm)
    return { fault: `the file holds no ${KIND[algorithm]} key, which ${algorithm} needs` };
  const use = ASYMMETRIC[algorithm];
  const half = given.type === 'public' ? given : createPublicKey(given);
  const [verify, jwk] = [half.toCryptoKey(use, false, ['verify']), publicJwk(half, id, algorithm)];
  if (given.type === 'public') return { key: { id, algorithm, verify, jwk } };
  const sealing = sealingOf(given.export({ type: 'pkcs8', format: 'der' }));
  return { key: { id, algorithm, verify, sign: given.toCryptoKey(use, false, ['sign']), sealing, jwk } };
}

/** Whether a weak secret may serve is for the caller to say. */
export function keyOfSecret(id: string, secret: Secret): GoodKey {
  const text = secret.reveal();
  const both = createSecretKey(Buffer.from(text)).toCryptoKey({ name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  const weak = weakness(text);
  const sealing = sealingOf(Buffer.from(text));
  return {
    key: { id, algorithm: 'HS256', verify: both, sign: both, sealing },
    ...(weak !== undefined && { weakness: weak }),
  };
}

function publicJwk(half: KeyObject, kid: string, alg: Algorithm): Readonly<Record<string, string>> {
  const { kty = '', crv = '', x = '', y } = half.export({ format: 'jwk' });
  return { kty, crv, x, ...(y !== undefined && { y }), kid, alg, use: 'sig' };
}

/** Another key for another purpose (HKDF, RFC 5869): signatures tell nothing of it. */
function sealingOf(secret: Buffer): Secret {
  return new Secret(Buffer.from(hkdfSync('sha256', secret, '', 'kube-auth-broker sealing', 32)).toString('base64url'));
}

function parsePem(text: string): KeyObject | undefined {
  // createPublicKey would also take the public half out of a private key or a certificate.
  const read = /-----BEGIN PUBLIC KEY-----/.test(text) ? createPublicKey : createPrivateKey;
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined;
}
