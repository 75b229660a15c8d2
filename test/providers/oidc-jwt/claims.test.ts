// The rules for the claims of a verified token, row by row.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeClaims } from '../../../providers/oidc-jwt/claims.ts';
import { isJsonObject } from '../../../src/text/json.ts';
import { AUDIENCE, NOW_S } from './setup.ts';

const BAD = 'rejected malformed-claims';
const SOURCE = { a: { endpoint: 'https://x.example', access_token: 't' } };

interface Row {
  readonly name: string;
  /** Instead of claims that are good, or the member as JSON text. */
  readonly given: Readonly<Record<string, unknown>> | string;
  readonly want: string;
}

const ROWS: readonly Row[] = [
  { name: 'a token that is meant for us now is good', given: {}, want: 'good' },

  { name: 'exp is needed', given: { exp: undefined }, want: 'rejected expired-token' },
  { name: 'exp in this very second is good', given: { exp: NOW_S }, want: 'good' },
  { name: 'exp a second ago is over: no tolerance', given: { exp: NOW_S - 1 }, want: 'rejected expired-token' },
  { name: 'exp with a fraction is cut off', given: { exp: NOW_S - 0.1 }, want: 'rejected expired-token' },
  { name: 'exp as a number in quotes is one, as in Go', given: { exp: String(NOW_S + 1) }, want: 'good' },
  { name: 'exp as other text is none', given: { exp: 'soon' }, want: BAD },
  { name: 'exp as hexadecimal text is none', given: { exp: '0x7fffffff' }, want: BAD },
  { name: 'exp null is none', given: { exp: null }, want: BAD },
  { name: 'exp as a list is none', given: { exp: [NOW_S + 1] }, want: BAD },
  { name: 'exp beyond all numbers is none', given: '"exp":1e999', want: BAD },
  { name: 'exp beyond the years of Go is over', given: '"exp":9223372036854775807', want: 'rejected expired-token' },
  { name: 'exp in the far future is good', given: '"exp":253402300799', want: 'good' },

  { name: 'nbf a minute ahead is within tolerance', given: { nbf: NOW_S + 60 }, want: 'good' },
  {
    name: 'nbf a minute and a second ahead is premature',
    given: { nbf: NOW_S + 61 },
    want: 'rejected premature-token',
  },
  { name: 'nbf null is none', given: { nbf: null }, want: 'good' },
  { name: 'nbf as text is no number', given: { nbf: 'now' }, want: BAD },
  { name: 'iat in the future is not compared', given: { iat: NOW_S + 9999 }, want: 'good' },
  { name: 'iat as text is no number', given: { iat: 'now' }, want: BAD },
  { name: 'iat null is refused', given: { iat: null }, want: BAD },

  { name: 'aud in a list is good', given: { aud: ['other', AUDIENCE] }, want: 'good' },
  { name: 'aud of another is not ours', given: { aud: 'other' }, want: 'rejected wrong-audience' },
  {
    name: 'a part of an audience is not the audience',
    given: { aud: `${AUDIENCE}-2` },
    want: 'rejected wrong-audience',
  },
  { name: 'aud left out is not ours', given: { aud: undefined }, want: 'rejected wrong-audience' },
  { name: 'aud null is not ours', given: { aud: null }, want: 'rejected wrong-audience' },
  { name: 'an empty aud is not ours', given: { aud: [] }, want: 'rejected wrong-audience' },
  { name: 'aud beside null is good', given: { aud: [null, AUDIENCE] }, want: 'good' },
  { name: 'aud beside a number is refused', given: { aud: [AUDIENCE, 1] }, want: BAD },
  { name: 'aud in a list of lists is refused', given: { aud: [[AUDIENCE]] }, want: BAD },
  { name: 'aud as a map is refused', given: { aud: { a: AUDIENCE } }, want: BAD },

  { name: 'sub left out is good', given: { sub: undefined }, want: 'good' },
  { name: 'sub null is good', given: { sub: null }, want: 'good' },
  { name: 'sub as a number is refused, even where nothing maps it', given: { sub: 7 }, want: BAD },
  { name: 'nonce null is good', given: { nonce: null }, want: 'good' },
  { name: 'nonce as a list is refused', given: { nonce: ['a'] }, want: BAD },
  { name: 'at_hash as a map is refused', given: { at_hash: {} }, want: BAD },

  {
    name: 'sources that are named are good',
    given: { _claim_names: { g: 'a' }, _claim_sources: SOURCE },
    want: 'good',
  },
  { name: 'sources alone are good', given: { _claim_sources: SOURCE }, want: 'good' },
  { name: 'names and sources null are good', given: { _claim_names: null, _claim_sources: null }, want: 'good' },
  {
    name: 'a source that is null is one',
    given: { _claim_names: { g: 'a' }, _claim_sources: { a: null } },
    want: 'good',
  },
  {
    name: 'a name without its source is refused',
    given: { _claim_names: { g: 'b' }, _claim_sources: SOURCE },
    want: BAD,
  },
  {
    name: 'an inherited source is none',
    given: { _claim_names: { g: 'toString' }, _claim_sources: SOURCE },
    want: BAD,
  },
  { name: 'an empty name is refused', given: { _claim_names: { g: '' }, _claim_sources: { '': {} } }, want: BAD },
  { name: 'a name that is null is refused', given: { _claim_names: { g: null }, _claim_sources: SOURCE }, want: BAD },
  { name: 'names as a list are refused', given: { _claim_names: ['g'] }, want: BAD },
  { name: 'an endpoint that is a number is refused', given: { _claim_sources: { a: { endpoint: 1 } } }, want: BAD },
];

const expiry = (exp: number) => judgeClaims({ aud: AUDIENCE, exp }, [AUDIENCE], NOW_S * 1000);

void describe('the claims of a verified token', () => {
  for (const { name, given, want } of ROWS) {
    void test(name, () => {
      const good = { iss: 'https://idp.example', aud: AUDIENCE, sub: 'alice', exp: NOW_S + 600 };
      const text =
        typeof given === 'string'
          ? JSON.stringify(good).replace(/"exp":\d+/, () => given)
          : JSON.stringify({ ...good, ...given });
      const claims: unknown = JSON.parse(text);
      assert.ok(isJsonObject(claims));
      const judged = judgeClaims(claims, [AUDIENCE, 'spare'], NOW_S * 1000);
      assert.equal(judged.kind === 'good' ? 'good' : `${judged.kind} ${judged.reason}`, want);
    });
  }

  void test('exp caps the verdict, in milliseconds that stay exact', () => {
    assert.deepEqual(expiry(NOW_S + 60), { kind: 'good', expiresAt: (NOW_S + 60) * 1000 });
    assert.deepEqual(expiry(1e15), { kind: 'good', expiresAt: Number.MAX_SAFE_INTEGER });
  });
});
