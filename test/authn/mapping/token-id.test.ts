// Revoking one token as with kube-apiserver: a user rule over the credential-id that the token's `jti` gives.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fingerprinter, newFingerprintKey } from '../../../src/core/fingerprint.ts';
import { reviewOf } from '../../support/reviews.ts';
import { claimsOf, outcomeOf } from './setup.ts';

const ID = 'authentication.kubernetes.io/credential-id';
const REVOKED = {
  userValidationRules: [
    { expression: `!('${ID}' in user.extra) || !('JTI=stolen' in user.extra['${ID}'])`, message: 'it is revoked' },
  ],
};

async function decision(jti: string, token?: string) {
  const claims = claimsOf({ username: 'jane', jti });
  const { verdict } = await outcomeOf({ claims, entry: REVOKED, ...(token !== undefined && { token }) });
  if (verdict.kind !== 'authenticated') return verdict.reason;
  return verdict.value.identity.extra[ID];
}

void describe('a user rule over the credential-id', () => {
  void test('refuses the token that it names', async () => {
    assert.equal(await decision('stolen', 'a-token'), 'user-validation');
  });
  void test('lets every other token in, with both ids', async () => {
    assert.deepEqual(await decision('other', 'a-token'), ['BROKER=fingerprint', 'JTI=other']);
  });
  void test('sees none of a password, whatever claims say', async () => {
    assert.deepEqual(await decision('stolen'), ['BROKER=fingerprint']);
  });
});

void test('the broker’s own id of a credential is the same for other audiences, configurations and brokers with the key', () => {
  const brokers = ['one configuration', 'another one'].map((configuration) =>
    fingerprinter(
      newFingerprintKey((size) => Buffer.alloc(size, 7)),
      configuration,
    ),
  );
  const reviews = [['a'], ['b', 'c']].map((audiences) => reviewOf({ username: 'jane', password: 'pw', audiences }));
  const ids = brokers.flatMap((broker) => reviews.map(({ credential }) => broker.ofCredential(credential)));
  assert.equal(new Set(ids).size, 1);
});
