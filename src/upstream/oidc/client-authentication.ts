// How the broker proves to an authorization server who asks (RFC 6749 §2.3.1, OpenID Connect Core §9).

import { createPrivateKey, type KeyObject, type webcrypto } from 'node:crypto';
import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  modifyAssertion,
  None,
  PrivateKeyJwt,
} from 'openid-client';
import type { Secret } from '../../core/secret.ts';

export type ClientProof =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: Secret }
  | { readonly method: 'private_key_jwt'; readonly key: webcrypto.CryptoKey };

export interface OAuthClient {
  readonly clientID: string;
  readonly proof: ClientProof;
}

/** Adds what proves the client to the form, and gives the headers that go with it. */
export type ProveClient = (form: URLSearchParams) => Promise<Readonly<Record<string, string>>>;

/** `audience` is the issuer, or the address of an endpoint whose issuer is unknown: what an assertion is made for. */
export function clientAuthentication({ clientID, proof }: OAuthClient, audience: string): ProveClient {
  const prove = clientAuthOf(proof);
  return async (form) => {
    const headers = new Headers();
    // Typed as void, and a promise where an assertion is signed.
    const added: unknown = prove({ issuer: audience }, { client_id: clientID }, form, headers);
    await added;
    return Object.fromEntries(headers);
  };
}

/** Without a proof the client is a public one. */
export function clientAuthOf(proof: ClientProof | undefined): ClientAuth {
  if (proof === undefined) return None();
  switch (proof.method) {
    case 'client_secret_basic':
      return ClientSecretBasic(proof.secret.reveal());
    case 'client_secret_post':
      return ClientSecretPost(proof.secret.reveal());
    case 'private_key_jwt':
      return PrivateKeyJwt(proof.key, { [modifyAssertion]: withOlderName });
  }
}

/** Servers know Ed25519 keys by the older name of their algorithm (RFC 8037; RFC 9864 is of 2025). */
function withOlderName(header: Record<string, unknown>): void {
  if (header['alg'] === 'Ed25519') header['alg'] = 'EdDSA';
}

type Algorithm = Parameters<KeyObject['toCryptoKey']>[0];

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const MIN_RSA_BITS = 2048;

const SUPPORTED =
  'must be a private key in PEM without a passphrase: RSA of at least 2048 bits (RS256), EC P-256 (ES256), P-384 (ES384) ' +
  'or P-521 (ES512), or Ed25519 (EdDSA)';

/** The key of private_key_jwt, usable for signing and nothing else; or a sentence that says which keys can be used. */
export function readClientKey(pem: Secret): webcrypto.CryptoKey | string {
  try {
    const key = createPrivateKey(pem.reveal());
    const algorithm = algorithmOf(key);
    return algorithm === undefined ? SUPPORTED : key.toCryptoKey(algorithm, false, ['sign']);
  } catch {
    return SUPPORTED;
  }
}

/** Which algorithm a key signs with follows from the key. */
function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS) {
    return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  }
  const namedCurve = CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  return asymmetricKeyType === 'ec' && namedCurve !== undefined ? { name: 'ECDSA', namedCurve } : undefined;
}
