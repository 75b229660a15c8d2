// The keys of the generated issuers, and the ways in which a key set is published.

import { generateKeyPairSync } from 'node:crypto';
import type { Row } from '../../providers/oidc-jwt/differences.ts';
import { makeKey, type TokenKey } from '../../support/signed-tokens.ts';

const RSA = makeKey('RS256', 'rsa');

/** One private key of each algorithm; the RSA ones are the same, as a key set without `alg` has it. */
export const KEYS = {
  rs256: RSA,
  rs384: { ...RSA, algorithm: 'RS384' },
  rs512: { ...RSA, algorithm: 'RS512' },
  ps256: { ...RSA, algorithm: 'PS256' },
  ps384: { ...RSA, algorithm: 'PS384' },
  ps512: { ...RSA, algorithm: 'PS512' },
  es256: makeKey('ES256', 'ec'),
  es384: makeKey('ES384', 'ec-384'),
  es512: makeKey('ES512', 'ec-521'),
  unnamed: makeKey('ES256', null),
  twin: makeKey('ES256', 'ec'),
  small: smallKey(),
} as const satisfies Record<string, TokenKey>;

/** Of an issuer that nobody trusts, under the names of keys that are published. */
export const STRANGERS: readonly [TokenKey, TokenKey] = [makeKey('RS256', 'rsa'), makeKey('ES256', 'ec')];

function smallKey(): TokenKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return {
    kid: 'small',
    algorithm: 'RS256',
    privateKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'small' },
  };
}

export interface KeySet {
  readonly about: string;
  readonly jwks: object;
  /** Which of them sign the tokens of this case. */
  readonly signers: readonly [TokenKey, ...TokenKey[]];
  readonly rows: readonly Row[];
}

const { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, unnamed, twin, small } = KEYS;
const { kty, n, e } = rs256.jwk;

function keySet(
  about: string,
  keys: readonly object[],
  signers: readonly [TokenKey, ...TokenKey[]],
  ...rows: readonly Row[]
): KeySet {
  return { about, jwks: { keys }, signers, rows };
}

const CONTRADICTED: Row = '`use`, `alg` and `key_ops` of a key';

export const KEY_SETS: readonly [KeySet, ...KeySet[]] = [
  keySet('one key', [rs256.jwk], [rs256, rs384, rs512, ps256, ps384, ps512]),
  keySet('several keys', [rs256.jwk, es256.jwk, es384.jwk, es512.jwk], [rs256, es256, es384, es512]),
  keySet('keys without kid', [unnamed.jwk, { kty, n, e }], [unnamed, { ...rs256, kid: '' }, { ...es256, kid: '' }]),
  keySet('one kid twice', [twin.jwk, es256.jwk, rs256.jwk], [es256, twin, rs256]),
  keySet('the alg of the token', [{ ...rs256.jwk, alg: 'RS256', use: 'sig', key_ops: ['verify'] }], [rs256]),
  keySet('another alg', [{ ...rs256.jwk, alg: 'RS512' }, es256.jwk], [rs256, rs512, es256], CONTRADICTED),
  keySet('for encryption', [{ ...rs256.jwk, use: 'enc' }, es256.jwk], [rs256, es256], CONTRADICTED),
  keySet('not for verifying', [{ ...es256.jwk, key_ops: ['encrypt'] }, rs256.jwk], [es256, rs256], CONTRADICTED),
  keySet(
    'of unknown type',
    [{ kty: 'AKP', kid: 'pq' }, es256.jwk],
    [es256],
    'a key set with a key that cannot be read',
  ),
  keySet(
    'a broken point',
    [{ ...es384.jwk, y: 'AAAA' }, es256.jwk],
    [es256],
    'a key set with a key that cannot be read',
  ),
  keySet(
    'a symmetric key',
    [{ kty: 'oct', kid: 'hmac', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0' }, es256.jwk],
    [es256],
  ),
  keySet('1024 bits', [small.jwk, es256.jwk], [small, es256], 'RSA keys below 2048 bits'),
];
