// What the issuer issues it takes back, and nothing else.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseJwt } from '../../src/core/jwt.ts';
import { Secret } from '../../src/core/secret.ts';
import { keyOfPem, keyOfSecret } from '../../src/issuer/keys.ts';
import {
  ALICE,
  AUDIENCE,
  bearer,
  ED25519,
  EDDSA_KEY,
  ENDPOINT,
  ES256_KEY,
  goodClaims,
  HOUR_MS,
  HS256_KEY,
  handmade,
  issuerOf,
  judged,
  keyOf,
  minted,
  NAME,
  P256,
  pem,
  SECRET,
} from './setup.ts';

void describe('an issued token', () => {
  for (const key of [EDDSA_KEY, ES256_KEY, HS256_KEY]) {
    void test(`signed with ${key.algorithm} is taken, and gives back exactly the identity`, async () => {
      const { issuer } = issuerOf({ keys: [key] });
      const { token, id, expiresAtMs } = await minted(issuer);
      const verdict = await issuer.verify(bearer(token), ENDPOINT);
      assert.ok(verdict.kind === 'authenticated');
      const { username, groups, uid, jti } = verdict.value.attributes;
      assert.deepEqual({ username, groups, uid }, ALICE);
      assert.deepEqual([jti, verdict.expiresAt, verdict.value.subject], [id, expiresAtMs, ALICE.uid]);
      assert.equal(verdict.isVolatile, true, 'it may be revoked at any moment');
    });
  }

  void test('has the documented claims and header, and nothing else', async () => {
    const { issuer, clock } = issuerOf();
    const { token, id } = await minted(issuer);
    const jwt = parseJwt(token);
    const now = Math.floor(clock.now() / 1000);
    assert.deepEqual({ ...jwt?.header }, { alg: 'EdDSA', kid: 'ed', typ: 'JWT' });
    const { username: sub, uid, groups } = ALICE;
    const want = {
      iss: NAME,
      aud: AUDIENCE,
      sub,
      uid,
      groups,
      endpoint: ENDPOINT,
      iat: now,
      nbf: now,
      exp: now + 3600,
      jti: id,
    };
    assert.deepEqual({ ...jwt?.claims }, want);
  });

  void test('ends with the credential that it was given for, when that is sooner', async () => {
    const { issuer, clock } = issuerOf();
    const { expiresAtMs } = await minted(issuer, { untilMs: clock.now() + 60_000 });
    assert.equal(expiresAtMs, clock.now() + 60_000);
  });

  void test('is good until the very second in which it ends', async () => {
    const { issuer, clock } = issuerOf();
    const { token } = await minted(issuer);
    clock.step(HOUR_MS - 1);
    assert.equal(await judged(issuer, token), 'authenticated');
    clock.step(1);
    assert.equal(await judged(issuer, token), 'rejected expired-token');
  });

  void test('has an id of its own', async () => {
    const { issuer } = issuerOf();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => minted(issuer)));
    assert.equal(new Set(tokens.map(({ id }) => id)).size, 20);
  });

  void test('has no uid when the sign-in had none', async () => {
    const { issuer } = issuerOf();
    const { token } = await minted(issuer, { holder: { username: 'alice', groups: [] } });
    const verdict = await issuer.inspect(token);
    assert.deepEqual(verdict.kind === 'authenticated' && verdict.value.uid, undefined);
  });
});

void describe('the key ring', () => {
  void test('takes the tokens of every key, whichever signs now', async () => {
    const before = issuerOf({ keys: [EDDSA_KEY] }).issuer;
    const { token } = await minted(before);
    assert.equal(await judged(issuerOf({ keys: [ES256_KEY, EDDSA_KEY] }).issuer, token), 'authenticated');
    assert.equal(await judged(issuerOf({ keys: [ES256_KEY] }).issuer, token), 'abstained unknown-key');
  });

  void test('verifies with the public half alone', async () => {
    const { token } = await minted(issuerOf().issuer);
    const half = keyOf(keyOfPem('ed', 'EdDSA', pem(ED25519.publicKey)));
    const { issuer } = issuerOf({ keys: [half] });
    assert.equal(await judged(issuer, token), 'authenticated');
    await assert.rejects(minted(issuer), /cannot sign/);
  });

  void test('does not take a token of another key under the same id', async () => {
    const { token } = await minted(issuerOf({ keys: [HS256_KEY] }).issuer);
    const other = keyOf(keyOfSecret('hs', new Secret(`${SECRET}x`)));
    assert.equal(await judged(issuerOf({ keys: [other] }).issuer, token), 'rejected bad-signature');
  });
});

void describe('a forged header', () => {
  const publicPem = pem(ED25519.publicKey).reveal();
  const publicRaw = ED25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('latin1');
  const rows = [
    { name: 'alg none', header: { alg: 'none', kid: 'ed' }, key: '' },
    { name: 'the public key as a secret', header: { alg: 'HS256', kid: 'ed' }, key: publicPem },
    { name: 'the raw public key as a secret', header: { alg: 'HS256', kid: 'ed' }, key: publicRaw },
    {
      name: 'the right key under another name of algorithm',
      header: { alg: 'ES256', kid: 'ed' },
      key: ED25519.privateKey,
    },
    { name: 'the key of another id', header: { alg: 'ES256', kid: 'ed' }, key: P256.privateKey },
    { name: 'another algorithm of HMAC', header: { alg: 'HS512', kid: 'hs' }, key: SECRET },
    { name: 'an unknown critical extension', header: { alg: 'HS256', kid: 'hs', crit: ['x'], x: 1 }, key: SECRET },
    { name: 'an unencoded payload', header: { alg: 'HS256', kid: 'hs', crit: ['b64'], b64: false }, key: SECRET },
  ];
  for (const { name, header, key } of rows) {
    void test(`is refused: ${name}`, async () => {
      const { issuer, clock } = issuerOf();
      assert.equal(await judged(issuer, handmade(header, goodClaims(clock.now()), key)), 'rejected bad-signature');
    });
  }

  const abstained = [
    { name: 'an unknown kid', header: { alg: 'HS256', kid: 'nobody' }, want: 'unknown-key' },
    { name: 'a kid that is no text', header: { alg: 'HS256', kid: ['hs'] }, want: 'unknown-key' },
    { name: 'no kid', header: { alg: 'HS256' }, want: 'unknown-key' },
    {
      name: 'a kid that is a property of every object',
      header: { alg: 'HS256', kid: '__proto__' },
      want: 'unknown-key',
    },
  ];
  for (const { name, header, want } of abstained) {
    void test(`is somebody else's: ${name}`, async () => {
      const { issuer, clock } = issuerOf();
      const token = handmade(header, goodClaims(clock.now()), SECRET);
      assert.equal(await judged(issuer, token), `abstained ${want}`);
    });
  }

  void test('names a URL or a key of its own in vain', async () => {
    const { issuer, clock } = issuerOf();
    const jwk = ED25519.publicKey.export({ format: 'jwk' });
    const header = { alg: 'EdDSA', kid: 'nobody', jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example' };
    const token = handmade(header, goodClaims(clock.now()), ED25519.privateKey);
    assert.equal(await judged(issuer, token), 'abstained unknown-key');
  });
});
