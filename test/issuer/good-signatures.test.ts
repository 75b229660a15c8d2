// A good signature is checked once; everything else about a token is judged each time.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { goodSignatures } from '../../src/issuer/good-signatures.ts';
import { bearer, ENDPOINT, HOUR_MS, issuerOf, minted } from './setup.ts';

const outcome = async ({ issuer }: ReturnType<typeof issuerOf>, token: string, endpoint = ENDPOINT) => {
  const verdict = await issuer.verify(bearer(token), endpoint);
  return 'reason' in verdict ? verdict.reason : verdict.kind;
};

void describe('a token whose signature was found good', () => {
  void test('expires all the same', async () => {
    const world = issuerOf();
    const { token } = await minted(world.issuer);
    assert.equal(await outcome(world, token), 'authenticated');
    world.clock.step(HOUR_MS + 1000);
    assert.equal(await outcome(world, token), 'expired-token');
  });

  void test('is not good at another endpoint', async () => {
    const world = issuerOf();
    const { token } = await minted(world.issuer);
    assert.equal(await outcome(world, token), 'authenticated');
    assert.equal(await outcome(world, token, '/other'), 'other-endpoint');
  });

  void test('makes no other signature, header or payload good', async () => {
    const world = issuerOf();
    const { token } = await minted(world.issuer);
    const { token: other } = await minted(world.issuer, { holder: { username: 'ldap:eve', groups: [] } });
    await outcome(world, token);
    const [head = '', payload = '', signature = ''] = token.split('.');
    const [, otherPayload = '', otherSignature = ''] = other.split('.');
    const forged = [
      [head, otherPayload, signature],
      [head, payload, otherSignature],
      [head, payload, ''],
    ].map((parts) => parts.join('.'));
    const outcomes = await Promise.all(forged.map((each) => outcome(world, each)));
    assert.deepEqual(new Set(outcomes), new Set(['bad-signature']));
  });

  void test('is another one at an issuer with other keys', async () => {
    const { token } = await minted(issuerOf().issuer);
    const world = issuerOf({ keys: [] });
    assert.equal(await outcome(world, token), 'unknown-key');
  });
});

void describe('the memory of good signatures', () => {
  void test('knows what was added, and nothing else', () => {
    const signatures = goodSignatures({ randomBytes });
    signatures.add('a.b.c');
    assert.deepEqual([signatures.has('a.b.c'), signatures.has('a.b.d')], [true, false]);
  });

  void test('is bounded: the oldest are forgotten', () => {
    const signatures = goodSignatures({ randomBytes });
    for (let index = 0; index <= 10_000; index++) signatures.add(String(index));
    assert.deepEqual([signatures.has('0'), signatures.has('5000'), signatures.has('10000')], [false, true, true]);
  });
});
