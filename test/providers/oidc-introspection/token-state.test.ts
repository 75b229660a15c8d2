// The rules for an introspection answer, row by row.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constantFrom, dictionary, assert as holds, jsonValue, oneof, property } from 'fast-check';
import { type Expected, tokenState } from '../../../providers/oidc-introspection/token-state.ts';
import { isJsonObject, type JsonObject } from '../../../src/text/json.ts';
import { bearer, jwtOf } from './setup.ts';

const NOW_S = 1_800_000_000;
const ISSUER = 'https://idp.corp.example';
const OPAQUE = 'opaque-token';
const OURS = jwtOf({ iss: ISSUER });

interface Row {
  readonly name: string;
  /** JSON text where a value cannot be written as a literal. */
  readonly given: JsonObject | string;
  readonly token?: string;
  readonly expected?: Expected;
  readonly want: string;
}

const ROWS: readonly Row[] = [
  { name: 'an active token without anything else is good', given: { active: true }, want: 'active' },
  {
    name: 'an inactive opaque token may be somebody else’s',
    given: { active: false },
    want: 'abstained unknown-token',
  },
  {
    name: 'an inactive JWT of the configured issuer is ours and bad',
    given: { active: false },
    token: OURS,
    want: 'rejected inactive-token',
  },
  {
    name: 'an inactive JWT is nobody’s when no issuer is configured',
    given: { active: false },
    token: OURS,
    expected: {},
    want: 'abstained unknown-token',
  },
  { name: 'active as text is no answer', given: { active: 'true' }, want: 'unavailable malformed-answer' },
  { name: 'active as number is no answer', given: { active: 1 }, want: 'unavailable malformed-answer' },
  { name: 'active left out is no answer', given: { sub: 'alice' }, want: 'unavailable malformed-answer' },
  {
    name: 'an inactive token stays inactive whatever else is said',
    given: { active: false, exp: 'soon' },
    want: 'abstained unknown-token',
  },

  { name: 'exp a second ahead is good', given: { active: true, exp: NOW_S + 1 }, want: 'active' },
  { name: 'exp now has expired: no tolerance', given: { active: true, exp: NOW_S }, want: 'rejected expired-token' },
  { name: 'exp zero has expired', given: { active: true, exp: 0 }, want: 'rejected expired-token' },
  {
    name: 'exp below zero has expired',
    given: { active: true, exp: -5 },
    want: 'rejected expired-token',
  },
  { name: 'exp as text is no answer', given: { active: true, exp: '9' }, want: 'unavailable malformed-answer' },
  { name: 'exp null is no answer', given: { active: true, exp: null }, want: 'unavailable malformed-answer' },
  { name: 'exp infinite is no answer', given: '{"active":true,"exp":1e999}', want: 'unavailable malformed-answer' },
  {
    name: 'exp beyond exact milliseconds is no answer',
    given: '{"active":true,"exp":1e300}',
    want: 'unavailable malformed-answer',
  },
  { name: 'iat as text is no answer', given: { active: true, iat: 'x' }, want: 'unavailable malformed-answer' },
  { name: 'nbf as a list is no answer', given: { active: true, nbf: [1] }, want: 'unavailable malformed-answer' },
  { name: 'nbf 30 s ahead is within tolerance', given: { active: true, nbf: NOW_S + 30 }, want: 'active' },
  {
    name: 'nbf 31 s ahead is premature',
    given: { active: true, nbf: NOW_S + 31 },
    want: 'rejected premature-token',
  },

  { name: 'iss equal to the issuer is good', given: { active: true, iss: ISSUER }, want: 'active' },
  {
    name: 'iss with a slash more is another',
    given: { active: true, iss: `${ISSUER}/` },
    want: 'rejected wrong-issuer',
  },
  {
    name: 'any iss is good when no issuer is configured',
    given: { active: true, iss: 'https://x.example' },
    expected: {},
    want: 'active',
  },
  {
    name: 'iss as a list is no answer, whatever is configured',
    given: { active: true, iss: [ISSUER] },
    expected: {},
    want: 'unavailable malformed-answer',
  },

  {
    name: 'aud that names one of the audiences is good, for what the endpoint is good for',
    given: { active: true, aud: ['other', 'k8s'] },
    expected: { audiences: ['kubernetes', 'k8s'] },
    want: 'active',
  },
  {
    name: 'aud as text is a list of one',
    given: { active: true, aud: 'k8s' },
    expected: { audiences: ['k8s'] },
    want: 'active',
  },
  {
    name: 'aud that names none of the audiences is wrong',
    given: { active: true, aud: ['other'] },
    expected: { audiences: ['k8s'] },
    want: 'rejected wrong-audience',
  },
  {
    name: 'aud left out is wrong when audiences are demanded',
    given: { active: true },
    expected: { audiences: ['k8s'] },
    want: 'rejected wrong-audience',
  },
  {
    name: 'an empty aud is wrong when audiences are demanded',
    given: { active: true, aud: [] },
    expected: { audiences: ['k8s'] },
    want: 'rejected wrong-audience',
  },
  {
    name: 'a part of an audience is not the audience',
    given: { active: true, aud: 'k8s-staging' },
    expected: { audiences: ['k8s'] },
    want: 'rejected wrong-audience',
  },
  { name: 'aud is stated even when none is demanded', given: { active: true, aud: 'k8s' }, want: 'active for k8s' },
  { name: 'aud null is none', given: { active: true, aud: null }, want: 'active' },
  {
    name: 'aud with a number is no answer',
    given: { active: true, aud: ['a', 1] },
    want: 'unavailable malformed-answer',
  },
  { name: 'aud as object is no answer', given: { active: true, aud: {} }, want: 'unavailable malformed-answer' },

  { name: 'token_type Bearer is good', given: { active: true, token_type: 'Bearer' }, want: 'active' },
  { name: 'token_type access_token is good', given: { active: true, token_type: 'access_token' }, want: 'active' },
  {
    name: 'token_type refresh_token is refused',
    given: { active: true, token_type: 'refresh_token' },
    want: 'rejected wrong-token-type',
  },
  {
    name: 'token_use refresh_token is refused whatever token_type says',
    given: { active: true, token_type: 'Bearer', token_use: 'refresh_token' },
    want: 'rejected wrong-token-type',
  },
  { name: 'typ Refresh is refused', given: { active: true, typ: 'Refresh' }, want: 'rejected wrong-token-type' },
  { name: 'typ Offline is refused', given: { active: true, typ: 'Offline' }, want: 'rejected wrong-token-type' },
  {
    name: 'typ ID is refused: it tells a client who logged in',
    given: { active: true, typ: 'ID' },
    want: 'rejected wrong-token-type',
  },
  { name: 'token_use id is refused', given: { active: true, token_use: 'id' }, want: 'rejected wrong-token-type' },
  {
    name: 'an ID token by the name of RFC 8693 is refused',
    given: { active: true, token_type: 'urn:ietf:params:oauth:token-type:id_token' },
    want: 'rejected wrong-token-type',
  },
  {
    name: 'a hash that only an ID token has is refused',
    given: { active: true, at_hash: 'x' },
    want: 'rejected wrong-token-type',
  },
  {
    name: 'a logout token is refused for its events',
    given: { active: true, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
    want: 'rejected wrong-token-type',
  },
  { name: 'typ Logout is refused', given: { active: true, typ: 'Logout' }, want: 'rejected wrong-token-type' },
  {
    name: 'a JWT that calls itself an ID token is refused, whatever the server leaves out',
    given: { active: true },
    token: jwtOf({ iss: ISSUER, typ: 'ID' }),
    want: 'rejected wrong-token-type',
  },
  {
    name: 'a JWT with the header of a logout token is refused',
    given: { active: true },
    token: jwtOf({ iss: ISSUER }, { alg: 'RS256', typ: 'logout+jwt' }),
    want: 'rejected wrong-token-type',
  },
  {
    name: 'a JWT with the header of an access token is good',
    given: { active: true },
    token: jwtOf({ iss: ISSUER, typ: 'Bearer' }, { alg: 'RS256', typ: 'at+jwt' }),
    want: 'active',
  },
  { name: 'typ Identity is no ID', given: { active: true, typ: 'Identity' }, want: 'active' },
  {
    name: 'token_type DPoP is refused: its proof is not here',
    given: { active: true, token_type: 'DPoP' },
    want: 'rejected wrong-token-type',
  },
  {
    name: 'a token bound to a key is refused: its proof is not here',
    given: { active: true, cnf: { 'x5t#S256': 'abc' } },
    want: 'rejected wrong-token-type',
  },
];

void describe('an introspection answer', () => {
  for (const { name, given, token = OPAQUE, expected = { issuer: ISSUER }, want } of ROWS) {
    void test(name, () => {
      const answer: unknown = typeof given === 'string' ? JSON.parse(given) : given;
      assert.ok(isJsonObject(answer));
      const state = tokenState(answer, bearer(token), expected, NOW_S * 1000);
      const { kind, reason, audiences } = { reason: '', audiences: undefined, ...state };
      assert.equal(`${kind} ${reason}${audiences === undefined ? '' : `for ${audiences.join()}`}`.trim(), want);
    });
  }

  void test('an active that is no boolean is told in words', () => {
    const state = tokenState({ active: 'true' }, bearer(OPAQUE), {}, NOW_S * 1000);
    assert.equal('detail' in state && state.detail, 'the answer has no boolean "active"');
  });

  void test('exp caps the verdict, in milliseconds', () => {
    const state = tokenState({ active: true, exp: NOW_S + 60 }, bearer(OPAQUE), {}, NOW_S * 1000);
    assert.equal('expiresAt' in state && state.expiresAt, (NOW_S + 60) * 1000);
  });

  void test('whatever the JSON, it never throws, and only active: true of a time that has not ended is good', () => {
    const member = oneof(jsonValue(), constantFrom(true, 'true', NOW_S - 1, NOW_S + 1, ISSUER, 'k8s', ['k8s']));
    const names = constantFrom('active', 'exp', 'nbf', 'iat', 'iss', 'aud', 'token_type', 'cnf', '__proto__');
    const expected = { issuer: ISSUER, audiences: ['k8s'] };
    holds(
      property(dictionary(names, member), (given) => {
        const answer: unknown = JSON.parse(JSON.stringify({ active: true, aud: 'k8s', ...given }));
        assert.ok(isJsonObject(answer));
        if (tokenState(answer, bearer(OPAQUE), expected, NOW_S * 1000).kind !== 'active') return;
        const { active, exp, iss = ISSUER, aud } = answer;
        assert.deepEqual([active, iss, JSON.stringify(aud).includes('"k8s"')], [true, ISSUER, true]);
        assert.ok(exp === undefined || (typeof exp === 'number' && exp > NOW_S));
      }),
    );
  });
});
