// JWTs as an issuer signs them, with keys made for the test, and the key set that it publishes.

import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningAlgorithm } from '../../src/upstream/oidc/key-set.ts';

export interface TokenKey {
  readonly kid?: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKey: KeyObject;
  /** As it is published. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** `kid` null is none; `published` changes what the key set says of it. */
export function makeKey(
  algorithm: SigningAlgorithm = 'ES256',
  kid: string | null = `${algorithm}-1`,
  published: Readonly<Record<string, unknown>> = {},
): TokenKey {
  const namedCurve = CURVES[algorithm];
  const { publicKey, privateKey } =
    namedCurve === undefined
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve });
  const jwk = { ...publicKey.export({ format: 'jwk' }), ...(kid === null ? {} : { kid }), ...published };
  return { algorithm, privateKey, jwk, ...(kid === null ? {} : { kid }) };
}

export function keySetOf(...keys: readonly TokenKey[]): { readonly keys: readonly object[] } {
  return { keys: keys.map(({ jwk }) => jwk) };
}

/** Text stands for itself, so that a test can write what no serialiser would. */
type Part = Readonly<Record<string, unknown>> | string;

/** `header` is added to `alg` and `kid`, or takes their place when it is text. */
export function signToken(key: TokenKey, claims: Part, header: Part = {}): string {
  const { algorithm, kid } = key;
  const head =
    typeof header === 'string' ? header : { alg: algorithm, ...(kid === undefined ? {} : { kid }), ...header };
  const signed = `${encoded(head)}.${encoded(claims)}`;
  return `${signed}.${signatureOf(key, signed)}`;
}

export function signatureOf({ algorithm, privateKey }: TokenKey, signed: string): string {
  const parameters = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' as const };
  const bytes = sign(`sha${algorithm.slice(2)}`, Buffer.from(signed), { key: privateKey, ...parameters });
  return bytes.toString('base64url');
}

function encoded(part: Part): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
