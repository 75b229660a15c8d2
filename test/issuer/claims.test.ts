// A right signature is not enough: every claim must be there, of its type, and hold now.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ED25519, goodClaims, handmade, issuerOf, judged, NAME } from './setup.ts';

type Claims = Record<string, unknown>;

const without = (name: string) => (claims: Claims) => {
  const { [name]: _gone, ...rest } = claims;
  return rest;
};
const seconds = (claims: Claims): number => Number(claims['iat']);

const rows: readonly { name: string; given: (claims: Claims) => unknown; want: string }[] = [
  { name: 'all as issued', given: (claims) => claims, want: 'authenticated' },
  {
    name: 'several audiences with ours',
    given: (claims) => ({ ...claims, aud: ['x', 'kubernetes'] }),
    want: 'authenticated',
  },
  { name: 'no groups', given: without('groups'), want: 'authenticated' },
  { name: 'no uid', given: without('uid'), want: 'authenticated' },
  {
    name: 'a clock that is 30 s ahead',
    given: (c) => ({ ...c, nbf: seconds(c) + 30, iat: seconds(c) + 30 }),
    want: 'authenticated',
  },
  { name: 'no issuer', given: without('iss'), want: 'abstained foreign-issuer' },
  { name: 'another issuer', given: (c) => ({ ...c, iss: 'https://other.example' }), want: 'abstained foreign-issuer' },
  { name: 'the issuer with a slash', given: (c) => ({ ...c, iss: `${NAME}/` }), want: 'abstained foreign-issuer' },
  { name: 'no audience', given: without('aud'), want: 'rejected wrong-audience' },
  { name: 'another audience', given: (c) => ({ ...c, aud: 'kubernetes2' }), want: 'rejected wrong-audience' },
  { name: 'no expiry', given: without('exp'), want: 'rejected malformed-claims' },
  {
    name: 'an expiry that is text',
    given: (c) => ({ ...c, exp: String(c['exp']) }),
    want: 'rejected malformed-claims',
  },
  { name: 'an endless expiry', given: (c) => ({ ...c, exp: 1e300 }), want: 'rejected malformed-claims' },
  { name: 'an expiry before 1970', given: (c) => ({ ...c, exp: -1 }), want: 'rejected malformed-claims' },
  { name: 'an expiry now', given: (c) => ({ ...c, exp: seconds(c) }), want: 'rejected expired-token' },
  {
    name: 'an expiry as late as the longest lifetime',
    given: (c) => ({ ...c, exp: seconds(c) + 86_400 }),
    want: 'authenticated',
  },
  {
    name: 'an expiry later than the longest lifetime',
    given: (c) => ({ ...c, exp: seconds(c) + 86_401 }),
    want: 'rejected over-long-token',
  },
  {
    name: 'an expiry in fifty years, issued today',
    given: (c) => ({ ...c, exp: seconds(c) + 50 * 365 * 86_400 }),
    want: 'rejected over-long-token',
  },
  {
    name: 'a lifetime that only nbf makes short',
    given: (c) => ({ ...c, iat: seconds(c) - 90_000 }),
    want: 'rejected over-long-token',
  },
  { name: 'no endpoint', given: without('endpoint'), want: 'rejected other-endpoint' },
  { name: 'another endpoint', given: (c) => ({ ...c, endpoint: '/dev' }), want: 'rejected other-endpoint' },
  {
    name: 'an endpoint that begins the same',
    given: (c) => ({ ...c, endpoint: '/authenticate/' }),
    want: 'rejected other-endpoint',
  },
  {
    name: 'endpoints in a list',
    given: (c) => ({ ...c, endpoint: ['/authenticate'] }),
    want: 'rejected malformed-claims',
  },
  { name: 'an empty endpoint', given: (c) => ({ ...c, endpoint: '' }), want: 'rejected malformed-claims' },
  { name: 'no nbf', given: without('nbf'), want: 'rejected malformed-claims' },
  { name: 'an nbf 31 s ahead', given: (c) => ({ ...c, nbf: seconds(c) + 31 }), want: 'rejected premature-token' },
  { name: 'an iat 31 s ahead', given: (c) => ({ ...c, iat: seconds(c) + 31 }), want: 'rejected premature-token' },
  { name: 'no iat', given: without('iat'), want: 'rejected malformed-claims' },
  { name: 'no subject', given: without('sub'), want: 'rejected malformed-claims' },
  { name: 'an empty subject', given: (c) => ({ ...c, sub: '' }), want: 'rejected malformed-claims' },
  {
    name: 'a subject that is a list',
    given: (c) => ({ ...c, sub: ['ldap:alice'] }),
    want: 'rejected malformed-claims',
  },
  { name: 'no jti', given: without('jti'), want: 'rejected malformed-claims' },
  { name: 'a uid that is a number', given: (c) => ({ ...c, uid: 0 }), want: 'rejected malformed-claims' },
  { name: 'groups that are text', given: (c) => ({ ...c, groups: 'ldap:devs' }), want: 'rejected malformed-claims' },
  {
    name: 'a group that is a number',
    given: (c) => ({ ...c, groups: ['ldap:devs', 7] }),
    want: 'rejected malformed-claims',
  },
  { name: 'a payload that is a list', given: (c) => [c], want: 'abstained foreign-issuer' },
];

void describe('claims under a right signature', () => {
  for (const { name, given, want } of rows) {
    void test(name, async () => {
      const { issuer, clock } = issuerOf();
      const token = handmade({ alg: 'EdDSA', kid: 'ed' }, given(goodClaims(clock.now())), ED25519.privateKey);
      assert.equal(await judged(issuer, token), want);
    });
  }

  for (const endpoint of [undefined, '/dev', '/authenticate']) {
    void test(`with crossEndpoints: a token of ${endpoint ?? 'no endpoint'} is good everywhere`, async () => {
      const { issuer, clock } = issuerOf({ crossEndpoints: true });
      const claims = { ...goodClaims(clock.now()), endpoint };
      const token = handmade({ alg: 'EdDSA', kid: 'ed' }, claims, ED25519.privateKey);
      assert.equal(await judged(issuer, token, '/prod'), 'authenticated');
    });
  }

  void test('a prototype in the payload has no effect', async () => {
    const { issuer, clock } = issuerOf();
    const claims = { ...goodClaims(clock.now()), sub: undefined, ['__proto__']: { sub: 'admin' } };
    const payload = JSON.parse(JSON.stringify(claims).replace('{', '{"__proto__":{"sub":"admin"},'));
    const token = handmade({ alg: 'EdDSA', kid: 'ed' }, payload, ED25519.privateKey);
    assert.equal(await judged(issuer, token), 'rejected malformed-claims');
  });
});
