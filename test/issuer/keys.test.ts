// Which keys are taken, which secrets are too weak, and that no sentence quotes either.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Secret } from '../../src/core/secret.ts';
import { keyOfPem, keyOfSecret } from '../../src/issuer/keys.ts';
import { newKey } from '../../src/issuer/new-key.ts';
import { weakness } from '../../src/issuer/weak-secret.ts';
import { makeAuthority } from '../support/certificates.ts';
import { ED25519, P256, pem } from './setup.ts';

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const CERTIFICATE = new Secret(makeAuthority('a').cert);
const ENCRYPTED = new Secret(
  ED25519.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
);

void describe('a PEM key', () => {
  const taken = [
    { name: 'Ed25519, private', algorithm: 'EdDSA', given: pem(ED25519.privateKey), signs: true },
    { name: 'Ed25519, public', algorithm: 'EdDSA', given: pem(ED25519.publicKey), signs: false },
    { name: 'P-256, private', algorithm: 'ES256', given: pem(P256.privateKey), signs: true },
    { name: 'P-256, public', algorithm: 'ES256', given: pem(P256.publicKey), signs: false },
  ] as const;
  for (const { name, algorithm, given, signs } of taken) {
    void test(`is taken: ${name}`, () => {
      const result = keyOfPem('k', algorithm, given);
      assert.ok('key' in result);
      assert.deepEqual([result.key.sign !== undefined, result.key.verify.extractable], [signs, false]);
    });
  }

  const refused = [
    { name: 'RSA', algorithm: 'ES256', given: pem(RSA.privateKey), want: /holds no EC P-256 key, which ES256 needs/ },
    { name: 'P-384', algorithm: 'ES256', given: pem(P384.privateKey), want: /holds no EC P-256 key/ },
    { name: 'another algorithm', algorithm: 'EdDSA', given: pem(P256.privateKey), want: /holds no Ed25519 key/ },
    { name: 'a certificate', algorithm: 'ES256', given: CERTIFICATE, want: /no unencrypted PEM key/ },
    { name: 'a passphrase', algorithm: 'EdDSA', given: ENCRYPTED, want: /no unencrypted PEM key/ },
    { name: 'no PEM', algorithm: 'EdDSA', given: new Secret('hunter2'), want: /no unencrypted PEM key/ },
  ] as const;
  for (const { name, algorithm, given, want } of refused) {
    void test(`is refused: ${name}`, () => {
      const result = keyOfPem('k', algorithm, given);
      assert.match('fault' in result ? result.fault : '', want);
    });
  }
});

void describe('a secret', () => {
  const weak = [
    { name: 'short', given: 'aB3$'.repeat(7), want: 'fewer than 32 bytes' },
    { name: 'one byte', given: 'x'.repeat(64), want: 'repeats a few characters' },
    { name: 'two bytes', given: 'xy'.repeat(32), want: 'repeats a few characters' },
    { name: 'a short piece over and over', given: 'hunter2-hunter3-'.repeat(4), want: 'one short piece over and over' },
    { name: 'well-known words', given: 'this-is-a-very-secret-kubehook-password', want: 'well-known words' },
    { name: 'changeme', given: 'changeme please! change_me PLEASE!!', want: 'well-known words' },
    { name: 'the alphabet', given: 'abcdefghijklmnopqrstuvwxyz0123456789', want: 'well-known words' },
    { name: 'digits in order', given: '0123456789'.repeat(2) + '012345678901', want: 'one short piece|guessed' },
    { name: 'what jwt.io shows', given: 'a-string-secret-at-least-256-bits-long', want: 'published' },
    {
      name: 'what jwt.io showed before, twice',
      given: 'your-256-bit-secret your-256-bit-secret',
      want: 'guessed|piece',
    },
    {
      name: 'a key of a well-known tutorial',
      given: '404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970',
      want: 'published',
    },
    {
      name: 'the key of RFC 7515',
      given: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
      want: 'published',
    },
    { name: 'words that no list has', given: 'kubernetes-cluster-berlin-production-2024', want: 'guessed' },
    { name: 'words written together', given: 'mySuperSecretKeyThatIsAtLeast32BytesLong', want: 'guessed' },
    { name: 'words of another language', given: 'geheim-passwort-bitte-sofort-aendern-danke', want: 'guessed' },
    { name: 'words with digits for letters', given: 'p4ssw0rd-s3cr3t-f0r-th3-k8s-cluster!', want: 'guessed' },
    { name: 'rows of the keyboard', given: 'qwertyuiopasdfghjklzxcvbnm123456', want: 'guessed' },
    { name: 'columns of the keyboard', given: '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.', want: 'guessed' },
    { name: 'columns of the keyboard, upwards', given: 'zaq12wsxcde34rfvbgt56yhnmju78ik,.lo9', want: 'guessed' },
    { name: 'a password three times', given: 'Tr0ub4dor&3Tr0ub4dor&3Tr0ub4dor&3!!', want: 'one short piece' },
    { name: 'words in base64', given: btoa('super-secret-password-that-is-long'), want: 'encoded text' },
    {
      name: 'words in hexadecimal',
      given: Buffer.from('correct horse battery staple').toString('hex'),
      want: 'encoded text',
    },
  ];
  for (const { name, given, want } of weak) {
    void test(`is weak: ${name}`, () => {
      assert.match(weakness(given) ?? '', new RegExp(want));
      assert.equal(keyOfSecret('k', new Secret(given)).weakness, weakness(given));
      assert.equal(weakness(given)?.includes(given), false);
    });
  }

  void test('that is random is never weak, in whatever alphabet it is written', () => {
    const encodings = ['base64', 'base64url', 'hex'] as const;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.constantFrom(...encodings), (seed, encoding) => {
        const bytes = Buffer.from(seed.map((byte, at) => byte ^ (randomBytes(1)[0] ?? 0) ^ at));
        return weakness(bytes.toString(encoding)) === undefined;
      }),
      { numRuns: 200 },
    );
  });
});

void describe('a new key', () => {
  for (const algorithm of ['EdDSA', 'ES256'] as const) {
    void test(`for ${algorithm} is taken, and so is its public half`, () => {
      const { secret, publicPem = '' } = newKey(algorithm, randomBytes);
      assert.ok('key' in keyOfPem('k', algorithm, new Secret(secret)));
      const half = keyOfPem('k', algorithm, new Secret(publicPem));
      assert.ok('key' in half && half.key.sign === undefined);
    });
  }

  void test('for HS256 is one line of a strong secret', () => {
    const { secret, publicPem } = newKey('HS256', randomBytes);
    assert.match(secret, /^[\w-]{43}\n$/);
    assert.equal(publicPem, undefined);
    assert.equal(weakness(secret.trim()), undefined);
  });
});
