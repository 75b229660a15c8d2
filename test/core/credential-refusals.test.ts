// Tokens that can never be a credential: refused by their form, with no upstream asked.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCredential } from '../../src/core/credential.ts';
import { usernameFault } from '../../src/core/identity.ts';
import { base64, gistOf, jwtOf, RULES } from './tokens.ts';

const ACCOUNT = jwtOf({ iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:a:b' });

const rows: { name: string; given: string; want: string }[] = [
  { name: 'an empty token', given: '', want: 'empty-token' },
  { name: 'an empty username', given: ':pw', want: 'empty-username' },
  { name: 'a colon alone', given: ':', want: 'empty-username' },
  { name: 'a blank username', given: ' \u00a0:pw', want: 'empty-username' },
  { name: 'an empty username in base64', given: base64(':pw'), want: 'empty-username' },
  { name: 'an empty password', given: 'alice:', want: 'empty-password' },
  { name: 'a blank password', given: 'alice: \t\u3000', want: 'empty-password' },
  { name: 'an empty password in base64', given: base64('alice:'), want: 'empty-password' },
  { name: 'a newline in the username', given: 'ali\nce:pw', want: 'malformed-username' },
  {
    name: 'base64 with the newline of echo',
    given: Buffer.from('alice:pw\n').toString('base64'),
    want: 'encoded-newline',
  },
  { name: 'a NUL in the username', given: 'ali\0ce:pw', want: 'malformed-username' },
  { name: 'DEL in the username', given: 'ali\u007fce:pw', want: 'malformed-username' },
  { name: 'a C1 control in the username', given: 'ali\u009bce:pw', want: 'malformed-username' },
  { name: 'a zero-width space in the username', given: 'ali\u200bce:pw', want: 'malformed-username' },
  { name: 'a zero-width joiner in the username', given: 'ali\u200dce:pw', want: 'malformed-username' },
  { name: 'a byte-order mark before the username', given: '\ufeffalice:pw', want: 'malformed-username' },
  { name: 'a byte-order mark inside base64', given: base64('\ufeffalice:pw'), want: 'malformed-username' },
  { name: 'a right-to-left override', given: 'ali\u202ece:pw', want: 'malformed-username' },
  { name: 'a bidirectional isolate', given: 'ali\u2066ce:pw', want: 'malformed-username' },
  { name: 'a soft hyphen', given: 'ali\u00adce:pw', want: 'malformed-username' },
  { name: 'a line separator', given: 'ali\u2028ce:pw', want: 'malformed-username' },
  { name: 'a tag character', given: 'ali\u{e0061}ce:pw', want: 'malformed-username' },
  { name: 'a replacement character', given: 'ali\ufffdce:pw', want: 'malformed-username' },
  { name: 'a username over 253 bytes', given: `${'ü'.repeat(127)}:pw`, want: 'malformed-username' },
  { name: 'a NUL in the password', given: 'alice:p\0w', want: 'malformed-password' },
  { name: 'a password over 1024 bytes', given: `alice:${'€'.repeat(341)}xy`, want: 'malformed-password' },
  { name: 'half a surrogate pair', given: 'alice:\ud83d', want: 'malformed-token' },
  { name: 'half a surrogate pair without a colon', given: 'x\udd11', want: 'malformed-token' },
  { name: 'a bootstrap token', given: 'abcdef.0123456789abcdef', want: 'bootstrap-token' },
  { name: 'a ServiceAccount token', given: ACCOUNT, want: 'ignored-issuer' },
  { name: 'a bound one', given: jwtOf({ iss: 'https://kubernetes.default.svc' }), want: 'ignored-issuer' },
  { name: 'more bytes than tokenBytes', given: 'x'.repeat(16_385), want: 'oversize-token' },
  { name: 'more bytes than tokenBytes, fewer characters', given: '€'.repeat(5462), want: 'oversize-token' },
  { name: 'an oversize password', given: `alice:${'x'.repeat(16_379)}`, want: 'oversize-token' },
];

void describe('refused', () => {
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(gistOf(parseCredential(given, RULES)), `refused: ${want}`));
  }
});

void describe('not refused, though close to it', () => {
  const close: { name: string; given: string; want: string }[] = [
    { name: 'as many bytes as tokenBytes', given: 'x'.repeat(16_384), want: 'opaque' },
    { name: 'as many bytes as tokenBytes, in fewer characters', given: `${'€'.repeat(5461)}x`, want: 'opaque' },
    { name: 'as many bytes as tokenBytes, in surrogate pairs', given: '🔑'.repeat(4096), want: 'opaque' },
    { name: 'a bootstrap token with a capital', given: 'Abcdef.0123456789abcdef', want: 'opaque' },
    { name: 'a bootstrap token that is too long', given: 'abcdef.0123456789abcdefg', want: 'opaque' },
    { name: 'another issuer', given: jwtOf({ iss: 'https://kubernetes.default.svc.evil' }), want: 'jwt' },
    { name: 'an issuer that is a list', given: jwtOf({ iss: ['kubernetes/serviceaccount'] }), want: 'jwt' },
  ];
  for (const { name, given, want } of close) {
    void test(name, () => assert.equal(gistOf(parseCredential(given, RULES)), want));
  }
});

const bounded = (tokenBytes: number) => gistOf(parseCredential('🔑', { ...RULES, tokenBytes }));

void test('a bound of one multi-byte character counts its bytes', () => {
  assert.equal(bounded(3), 'refused: oversize-token');
  assert.equal(bounded(4), 'opaque');
});

void test('a JWT of 100,000 nested lists is read without harm', () => {
  const deep = `{"alg":"RS256","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const token = `${Buffer.from(deep).toString('base64url')}.e30.eA`;
  assert.equal(gistOf(parseCredential(token, { ...RULES, tokenBytes: 1 << 20 })), 'jwt');
});

void test('the fault of a username is undefined for one that can be typed', () => {
  for (const good of ['alice', 'jürgen', 'a b', 'CORP\\alice', 'alice@corp.example', '🔑', '王', '*()\\']) {
    assert.equal(usernameFault(good), undefined);
  }
});
