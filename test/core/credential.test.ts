// The token parser, rule by rule: what becomes a password, a JWT, an opaque token, and what is refused by its form.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Credential, parseCredential, type Refusal } from '../../src/core/credential.ts';
import { base64, base64url, gistOf, jwtOf, RULES } from './tokens.ts';

interface Row {
  readonly name: string;
  readonly given: string;
  readonly want: ReturnType<typeof gistOf>;
}

function table(rows: readonly Row[]): void {
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(gistOf(parseCredential(given, RULES)), want));
  }
}

void describe('rule 1: username before the first colon, the rest is the password, byte-exact', () => {
  table([
    { name: 'the plain form', given: 'alice:wonderland', want: ['alice', 'wonderland'] },
    { name: 'a password with colons', given: 'alice:a:b::c:', want: ['alice', 'a:b::c:'] },
    { name: 'a password that is a colon', given: 'alice::', want: ['alice', ':'] },
    { name: 'spaces around the password belong to it', given: 'alice: pw ', want: ['alice', ' pw '] },
    { name: 'spaces around the username are kept', given: ' alice :pw', want: [' alice ', 'pw'] },
    { name: 'emoji and 8-bit characters', given: 'jürgen:pä$$ 🔑', want: ['jürgen', 'pä$$ 🔑'] },
    { name: 'a decomposed name is not composed', given: 'ju\u0308rgen:pw', want: ['ju\u0308rgen', 'pw'] },
    { name: 'control characters other than NUL in a password', given: 'alice:a\tb\r\nc', want: ['alice', 'a\tb\r\nc'] },
    { name: 'invisible characters in a password', given: 'alice:a\u200bb', want: ['alice', 'a\u200bb'] },
    { name: 'quotes around the password belong to it', given: 'alice:"pw"', want: ['alice', '"pw"'] },
    { name: 'a name that begins with an apostrophe', given: "'t.hart:pw", want: ["'t.hart", 'pw'] },
    { name: 'a name that begins like a scheme', given: 'bearer:pw', want: ['bearer', 'pw'] },
    { name: 'a domain login', given: 'CORP\\alice:pw', want: ['CORP\\alice', 'pw'] },
    { name: 'a DN', given: 'uid=a,dc=b:pw', want: ['uid=a,dc=b', 'pw'] },
    { name: 'base64 text with a colon is not decoded', given: `${base64('bob:x')}:y`, want: [base64('bob:x'), 'y'] },
    { name: 'a JWT with a colon behind it is a username', given: 'a.b.c:pw', want: ['a.b.c', 'pw'] },
    {
      name: 'a bootstrap token with a colon behind it is a username',
      given: 'abcdef.0123456789abcdef:x',
      want: ['abcdef.0123456789abcdef', 'x'],
    },
    { name: 'the longest username', given: `${'ü'.repeat(126)}x:x`, want: [`${'ü'.repeat(126)}x`, 'x'] },
    { name: 'the longest password', given: `a:${'€'.repeat(341)}x`, want: ['a', `${'€'.repeat(341)}x`] },
  ]);
});

void describe('rule 2: three base64url parts, the first a JSON object with a string alg', () => {
  table([
    { name: 'a JWT', given: jwtOf({ iss: 'https://idp.example' }), want: 'jwt' },
    { name: 'without a signature', given: `${base64url('{"alg":"none"}')}.${base64url('{}')}.`, want: 'jwt' },
    { name: 'without claims', given: `${base64url('{"alg":"RS256"}')}..c2ln`, want: 'jwt' },
    { name: 'whose claims are no JSON', given: `${base64url('{"alg":"RS256"}')}.eA.eA`, want: 'jwt' },
    { name: 'an alg that is no string', given: `${base64url('{"alg":1}')}.e30.eA`, want: 'opaque' },
    { name: 'no alg', given: `${base64url('{"typ":"JWT"}')}.e30.eA`, want: 'opaque' },
    { name: 'an inherited alg', given: `${base64url('{"__proto__":{"alg":"RS256"}}')}.e30.eA`, want: 'opaque' },
    { name: 'a header that is a list', given: `${base64url('[{"alg":"RS256"}]')}.e30.eA`, want: 'opaque' },
    { name: 'five parts, a JWE', given: `${jwtOf({})}.eA.eA`, want: 'opaque' },
    { name: 'two parts', given: `${base64url('{"alg":"RS256"}')}.e30`, want: 'opaque' },
    { name: 'an empty first part', given: '.e30.eA', want: 'opaque' },
    { name: 'padding in a part', given: `${base64('{"alg":"RS256"} ')}=.e30.eA`, want: 'opaque' },
    { name: 'dots alone', given: '..', want: 'opaque' },
  ]);
});

void describe('rule 3: canonical base64 of username:password', () => {
  table([
    { name: 'padded', given: base64('alice:pw'), want: ['alice', 'pw'] },
    { name: 'unpadded', given: base64('alice:pw').replace('=', ''), want: ['alice', 'pw'] },
    { name: 'without need of padding', given: base64('alice:pw1'), want: ['alice', 'pw1'] },
    { name: 'base64url', given: base64url('a:ÿÿ>?ÿ~'), want: ['a', 'ÿÿ>?ÿ~'] },
    { name: 'base64url, padded', given: `${base64url('a:ÿÿ>?ÿ~')}=`, want: ['a', 'ÿÿ>?ÿ~'] },
    { name: 'base64 with both of its own characters', given: base64('a:ÿÿ>?ÿ~x'), want: ['a', 'ÿÿ>?ÿ~x'] },
    { name: 'colons in the password', given: base64('alice:a:b'), want: ['alice', 'a:b'] },
    { name: 'UTF-8', given: base64('jürgen:🔑'), want: ['jürgen', '🔑'] },
    { name: 'what it holds is not decoded again', given: base64(`${base64('b:c')}:d`), want: [base64('b:c'), 'd'] },
    { name: 'one padding character too few', given: base64('alice:pw1x').replace(/==$/, '='), want: 'opaque' },
    { name: 'one padding character too many', given: `${base64('alice:pw')}=`, want: 'opaque' },
    { name: 'padding where none belongs', given: `${base64('alice:pw1')}=`, want: 'opaque' },
    { name: 'non-canonical trailing bits', given: 'YWxpY2U6cHd=', want: 'opaque' },
    { name: 'both alphabets in one text', given: '-/o6', want: 'opaque' },
    { name: 'a space in it', given: base64('alice:pw').replace('U', 'U '), want: 'opaque' },
    { name: 'a single character', given: 'Q', want: 'opaque' },
    { name: 'padding alone', given: '==', want: 'opaque' },
    {
      name: 'bytes that are no text',
      given: Buffer.from('alice:\xff\x81', 'latin1').toString('base64'),
      want: 'opaque',
    },
    { name: 'an overlong colon', given: Buffer.from('alice\xc0\xbapw', 'latin1').toString('base64'), want: 'opaque' },
    { name: 'control characters', given: base64('alice:p\tw'), want: 'opaque' },
    { name: 'a C1 control character', given: base64('alice:p\u0085w'), want: 'opaque' },
    { name: 'no colon', given: base64('alice'), want: 'opaque' },
  ]);
});

void describe('rule 4: anything else is opaque', () => {
  table([
    { name: 'a word', given: 'opaque-token_1', want: 'opaque' },
    { name: 'one character', given: 'x', want: 'opaque' },
    { name: 'control characters', given: 'a\0b', want: 'opaque' },
    { name: 'emoji', given: '🔑', want: 'opaque' },
    { name: 'a fullwidth colon is no colon', given: 'alice：pw', want: 'opaque' },
  ]);
});

void test('header and claims of a JWT are readable, and inert', () => {
  const token = `${base64url('{"alg":"RS256","__proto__":{"kid":"x"}}')}.${base64url('{"iss":"i","constructor":1}')}.eA`;
  const credential: Credential | Refusal = parseCredential(token, RULES);
  assert.ok(credential.kind === 'bearer' && credential.jwt !== undefined);
  assert.equal(Object.getPrototypeOf(credential.jwt.header), null);
  assert.deepEqual(Object.keys(credential.jwt.header), ['alg', '__proto__']);
  assert.equal(credential.jwt.header['kid'], undefined);
  assert.equal(credential.jwt.claims['iss'], 'i');
  assert.equal(credential.token.reveal(), token);
});
