// Tokens as planetlabs/kubehook made them (auth/jwt/jwt.go): taken while kubehookCompatible says so, and only as far as that.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../../src/core/secret.ts';
import { keyOfSecret } from '../../src/issuer/keys.ts';
import type { IssuerSettings } from '../../src/issuer/settings.ts';
import { fakeClock } from '../support/fake-clock.ts';
import {
  bearer,
  EDDSA_KEY,
  ENDPOINT,
  HOUR_MS,
  handmade,
  issuerOf,
  judged,
  keyOf,
  minted,
  revocationsPath,
} from './setup.ts';

const AUDIENCE = 'github.com/negz/kubehook';
const PLANETLABS = 'github.com/planetlabs/kubehook';
/** `docker run -e KUBEHOOK_SECRET=secret`, as its README said. */
const SECRET = 'secret';
const MADE_AT = 1_512_979_214;
/** dgrijalva/jwt-go writes this header, and the claims in the order of their names. */
const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { aud: AUDIENCE, exp: MADE_AT + 86_400, grp: ['devs', 'ops'], nbf: MADE_AT, sub: 'cooluser' };
const KUBEHOOK_KEY = keyOf(keyOfSecret('kubehook', new Secret(SECRET)));

const world = (change: Partial<IssuerSettings> = {}) =>
  issuerOf(
    { audience: AUDIENCE, keys: [EDDSA_KEY, KUBEHOOK_KEY], kubehookCompatible: true, ...change },
    fakeClock((MADE_AT + 3600) * 1000),
  );

void describe('a token of kubehook', () => {
  void test('gives the username, groups and uid that kubehook gave', async () => {
    const verdict = await world().issuer.verify(bearer(handmade(HEADER, CLAIMS, SECRET)), ENDPOINT);
    assert.ok(verdict.kind === 'authenticated');
    const { username, groups, uid } = verdict.value.attributes;
    const want = { username: 'cooluser', groups: ['devs', 'ops'], uid: 'github.com/negz/kubehook/cooluser' };
    assert.deepEqual({ username, groups, uid }, want);
    assert.equal(verdict.expiresAt, CLAIMS.exp * 1000);
  });

  const { grp: _grp, ...noGroups } = CLAIMS;
  const { nbf: _nbf, ...noNotBefore } = CLAIMS;
  const { exp: _exp, ...endless } = CLAIMS;
  const rows: readonly { name: string; claims: object; header?: object; secret?: string; want: string }[] = [
    { name: 'without groups', claims: noGroups, want: 'authenticated' },
    { name: 'with another secret', claims: CLAIMS, secret: 'notsecret', want: 'rejected bad-signature' },
    { name: 'with alg none', claims: CLAIMS, header: { alg: 'none' }, want: 'abstained unknown-key' },
    { name: 'with another HMAC', claims: CLAIMS, header: { alg: 'HS512', typ: 'JWT' }, want: 'abstained unknown-key' },
    { name: 'for another audience', claims: { ...CLAIMS, aud: 'x' }, want: 'rejected wrong-audience' },
    { name: 'that has ended', claims: { ...CLAIMS, exp: MADE_AT + 3600 }, want: 'rejected expired-token' },
    { name: 'without an end', claims: endless, want: 'rejected malformed-claims' },
    { name: 'as long as the longest lifetime', claims: { ...CLAIMS, exp: MADE_AT + 86_400 }, want: 'authenticated' },
    { name: 'longer, by its nbf', claims: { ...CLAIMS, exp: MADE_AT + 86_401 }, want: 'rejected over-long-token' },
    {
      name: 'for the name of its repository since 2018',
      claims: { ...CLAIMS, aud: PLANETLABS },
      want: 'authenticated',
    },
    { name: 'without nbf', claims: noNotBefore, want: 'rejected malformed-claims' },
    { name: 'that is not valid yet', claims: { ...CLAIMS, nbf: MADE_AT + 7200 }, want: 'rejected premature-token' },
    { name: 'without a subject', claims: { ...CLAIMS, sub: '' }, want: 'rejected malformed-claims' },
    { name: 'with an issuer of its own', claims: { ...CLAIMS, iss: 'x' }, want: 'abstained foreign-issuer' },
    { name: 'under a kid', claims: CLAIMS, header: { ...HEADER, kid: 'kubehook' }, want: 'abstained foreign-issuer' },
  ];
  for (const { name, claims, header = HEADER, secret = SECRET, want } of rows) {
    void test(`${name}: ${want}`, async () => {
      assert.equal(await judged(world().issuer, handmade(header, claims, secret)), want);
    });
  }

  void test('for the older name is good where the newer one is configured, with the uid that it had', async () => {
    const { issuer } = world({ audience: PLANETLABS });
    const verdict = await issuer.verify(bearer(handmade(HEADER, CLAIMS, SECRET)), '/anywhere');
    assert.equal(verdict.kind === 'authenticated' && verdict.value.attributes['uid'], `${AUDIENCE}/cooluser`);
  });

  void test('for either name is not good where another audience is configured', async () => {
    const { issuer } = world({ audience: 'kubernetes' });
    assert.equal(await judged(issuer, handmade(HEADER, CLAIMS, SECRET)), 'rejected wrong-audience');
  });

  void test('is nobody’s without kubehookCompatible', async () => {
    const token = handmade(HEADER, CLAIMS, SECRET);
    assert.equal(await judged(world({ kubehookCompatible: false }).issuer, token), 'abstained foreign-issuer');
  });

  void test('is nobody’s without a secret', async () => {
    const token = handmade(HEADER, CLAIMS, SECRET);
    assert.equal(await judged(world({ keys: [EDDSA_KEY] }).issuer, token), 'abstained unknown-key');
  });

  void test('is tried with every secret of the ring', async () => {
    const other = keyOf(keyOfSecret('older', new Secret('an older secret of kubehook')));
    const token = handmade(HEADER, CLAIMS, SECRET);
    assert.equal(await judged(world({ keys: [other, KUBEHOOK_KEY] }).issuer, token), 'authenticated');
  });

  void test('ends with every other token of its user, since it says neither its id nor its time', async (t) => {
    const { issuer, clock } = world({ revocationsFile: revocationsPath(t) });
    await issuer.revoke({ username: 'cooluser', before: clock.now() - 9 * HOUR_MS });
    assert.equal(await judged(issuer, handmade(HEADER, CLAIMS, SECRET)), 'rejected revoked-token');
  });

  void test('the issuer itself makes none: its own have iss, iat, jti and kid', async () => {
    const { issuer } = world({ keys: [KUBEHOOK_KEY] });
    const { token } = await minted(issuer, { holder: { username: 'cooluser', groups: ['devs'] } });
    const { jwt } = bearer(token);
    assert.equal(jwt?.header['kid'], 'kubehook');
    assert.deepEqual(
      ['iss', 'iat', 'jti'].filter((name) => jwt?.claims[name] === undefined),
      [],
    );
    assert.equal(await judged(issuer, token), 'authenticated');
  });
});
