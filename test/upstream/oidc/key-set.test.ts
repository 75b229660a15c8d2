// Which keys of a key set can verify a token, and what is said of the others.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { isJsonObject } from '../../../src/text/json.ts';
import { parseKeySet } from '../../../src/upstream/oidc/key-set.ts';
import { makeKey } from '../../support/signed-tokens.ts';

const EC = makeKey('ES256', 'ec').jwk;
const RSA = makeKey('RS256', 'rsa').jwk;
const SHORT = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const PRIVATE = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });

const rows: readonly { readonly name: string; readonly given: unknown; readonly want: string }[] = [
  { name: 'an EC key', given: EC, want: 'ES256' },
  { name: 'an RSA key, for two families', given: RSA, want: 'RS256 PS256' },
  { name: 'an RSA key for one algorithm', given: { ...RSA, alg: 'PS256' }, want: 'PS256' },
  { name: 'a key with an empty use', given: { ...EC, use: '' }, want: 'ES256' },
  { name: 'a key for signatures', given: { ...EC, use: 'sig', key_ops: ['verify'] }, want: 'ES256' },
  { name: 'a key for encryption', given: { ...EC, use: 'enc' }, want: 'key "ec" is for "enc", not for signatures' },
  { name: 'a key for signing', given: { ...EC, key_ops: ['sign'] }, want: 'key "ec" is not for verifying' },
  { name: 'a short RSA key', given: SHORT, want: 'key number 1 has 1024 bits, less than 2048' },
  { name: 'a private key', given: PRIVATE, want: 'key number 1 is a private key' },
  { name: 'a symmetric key', given: { kty: 'oct', k: 'AAAA' }, want: 'key number 1 is of type "oct"' },
  { name: 'an Ed25519 key', given: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }, want: 'key number 1 is of type "OKP"' },
  { name: 'a key of no type', given: {}, want: 'key number 1 is of type none' },
  { name: 'a point that is not on its curve', given: { ...EC, x: RSA['n'] }, want: 'key "ec" cannot be read' },
  { name: 'a modulus that is a number', given: { ...RSA, n: 7 }, want: 'key "rsa" cannot be read' },
  { name: 'what is no map', given: null, want: 'key number 1 is no map' },
];

void describe('a key set', () => {
  for (const { name, given, want } of rows) {
    void test(`with ${name}`, () => {
      const found = keySet([given]);
      const allowed = (['RS256', 'PS256', 'ES256', 'ES384'] as const).filter((algorithm) =>
        found?.keys.some((key) => key.allows(algorithm)),
      );
      assert.equal([...allowed, ...(found?.ignored ?? [])].join(' '), want);
    });
  }

  void test('of many keys counts the first hundred', () => {
    const found = keySet(Array.from({ length: 120 }, () => EC));
    assert.deepEqual([found?.keys.length, found?.ignored], [100, ['20 keys beyond the first 100']]);
  });

  void test('without a list of keys is none', () => {
    assert.equal(keySet({}), undefined);
    assert.equal(keySet('x'), undefined);
  });
});

function keySet(keys: unknown) {
  const document: unknown = JSON.parse(JSON.stringify({ keys }));
  assert.ok(isJsonObject(document));
  return parseKeySet(document);
}
