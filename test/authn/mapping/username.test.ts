// How claims become a username, in the cases of kube-apiserver's own tests and in those that only a broker has.

import { jane, sub, testTable, usernameFrom } from './table.ts';

testTable([
  {
    name: 'the default mapping',
    claims: { ...jane, groups: ['a', 'b'] },
    want: { username: 'corp:jane', uid: 'subject-1', groups: ['corp:a', 'corp:b'] },
  },
  {
    name: 'a claim with a prefix',
    claims: { email: 'jane@x' },
    entry: usernameFrom({ claim: 'email', prefix: 'oidc:' }),
    want: { username: 'oidc:jane@x', groups: [] },
  },
  {
    name: 'an empty prefix',
    claims: jane,
    entry: usernameFrom({ claim: 'username', prefix: '' }),
    want: { username: 'jane', groups: [] },
  },
  {
    name: 'an expression',
    claims: jane,
    entry: usernameFrom({ expression: "'x:' + claims.username" }),
    want: { username: 'x:jane', groups: [] },
  },
  {
    name: 'a verified email',
    claims: { email: 'a@b', email_verified: true },
    entry: usernameFrom({ claim: 'email', prefix: '' }),
    want: { username: 'a@b', groups: [] },
  },
  {
    name: 'an email that is not verified',
    claims: { email: 'a@b', email_verified: false },
    entry: usernameFrom({ claim: 'email', prefix: '' }),
    want: 'mapping-failed: username: claim email_verified is not true',
  },
  {
    name: 'email_verified as a string',
    claims: { email: 'a@b', email_verified: 'true' },
    entry: usernameFrom({ claim: 'email', prefix: '' }),
    want: 'mapping-failed: username: claim email_verified is not true',
  },
  {
    name: 'email_verified is nothing to another claim',
    claims: { ...jane, email_verified: false },
    entry: usernameFrom(sub),
    want: { username: 'p:jane', groups: [] },
  },
  {
    name: 'a missing claim',
    claims: {},
    entry: usernameFrom(sub),
    want: 'mapping-failed: username: claim username is missing',
  },
  {
    name: 'a number is no name',
    claims: { username: 42 },
    entry: usernameFrom(sub),
    want: 'mapping-failed: username: claim username is not a string',
  },
  {
    name: 'null is the empty name, which is none',
    claims: { username: null },
    entry: usernameFrom(sub),
    want: 'invalid-username: username: claim username is empty',
  },
  {
    name: 'a list is no name',
    claims: { username: ['jane'] },
    entry: usernameFrom(sub),
    want: 'mapping-failed: username: claim username is not a string',
  },
  {
    name: 'an empty claim is no name, prefix or not',
    claims: { username: '' },
    entry: usernameFrom(sub),
    want: 'invalid-username: username: claim username is empty',
  },
  {
    name: 'surrounding space under a prefix',
    claims: { username: ' jane' },
    entry: usernameFrom(sub),
    want: 'invalid-username: username: claim username has surrounding space',
  },
  {
    name: 'an expression that gives no string',
    claims: { username: 1 },
    entry: usernameFrom({ expression: 'claims.username' }),
    want: 'mapping-failed: username: the expression gives no string',
  },
  {
    name: 'an expression that gives a timestamp, which JSON has as text',
    claims: jane,
    entry: usernameFrom({ expression: "timestamp('2026-01-01T00:00:00Z')" }),
    want: 'mapping-failed: username: the expression gives no string: use string()',
  },
  {
    name: 'an expression that gives the empty string',
    claims: jane,
    entry: usernameFrom({ expression: "''" }),
    want: 'invalid-username: username: it is empty',
  },
  {
    name: 'an expression that fails',
    claims: jane,
    entry: usernameFrom({ expression: 'claims.nope' }),
    want: 'mapping-failed: username: no such key: claims.nope, at column 1',
  },
  {
    name: 'control characters',
    claims: { username: 'a\nb' },
    entry: usernameFrom(sub),
    want: 'invalid-username: username: claim username, prefix "p:"',
  },
  {
    name: 'too long',
    claims: { username: 'x'.repeat(253) },
    entry: usernameFrom(sub),
    want: 'invalid-username: username: claim username, prefix "p:"',
  },
  {
    name: 'a reserved name',
    claims: { username: 'system:admin' },
    entry: usernameFrom({ claim: 'username', prefix: '' }),
    want: 'reserved-username: username: claim username',
  },
  {
    name: 'a reserved name in disguise',
    claims: { username: 'ſystem：admin' },
    entry: usernameFrom({ claim: 'username', prefix: '' }),
    want: 'reserved-username: username: claim username',
  },
  {
    name: 'a reserved name that is listed',
    claims: { username: 'system:admin' },
    entry: { ...usernameFrom({ claim: 'username', prefix: '' }), reserved: { usernames: ['system:admin'] } },
    want: { username: 'system:admin', groups: [] },
  },
]);
