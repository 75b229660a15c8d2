// What expressions see of credentials, users and answers.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compile, type Expression, type Use } from '../../src/cel/compile.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { Identity } from '../../src/core/identity.ts';
import { Secret } from '../../src/core/secret.ts';
import { dataObject } from '../../src/text/json.ts';

function expression<U extends Use>(source: string, use: U): Expression<U> {
  const compiled = compile(source, use);
  if (!compiled.ok) assert.fail(`${source}: ${compiled.message}`);
  return compiled.expression;
}

const bearer = (token: string): Credential => ({ kind: 'bearer', form: 'opaque', token: new Secret(token) });

void describe('credentials', () => {
  const password: Credential = { kind: 'password', username: 'jane@corp.example', password: new Secret('s3cret') };
  const jwt: Credential = {
    kind: 'bearer',
    form: 'jwt',
    token: new Secret('a.b.c'),
    jwt: {
      header: dataObject([['alg', 'ES256']]),
      issuer: 'https://idp',
      claims: dataObject([
        ['iss', 'https://idp'],
        ['aud', ['a']],
      ]),
    },
  };
  const opaque = bearer('t0ken');
  const rows: { name: string; given: [string, Credential]; want: boolean }[] = [
    { name: 'a suffix of the name', given: ["credential.username.endsWith('@corp.example')", password], want: true },
    { name: 'a bearer has an empty username', given: ["credential.username == ''", opaque], want: true },
    { name: 'kind', given: ["credential.kind == 'password'", password], want: true },
    { name: 'form', given: ["credential.form == 'opaque'", opaque], want: true },
    { name: 'issuer', given: ["credential.issuer == 'https://idp'", jwt], want: true },
    { name: 'an opaque token has no issuer', given: ["credential.issuer == ''", opaque], want: true },
    { name: 'no prefix', given: ["credential.prefix == ''", opaque], want: true },
    { name: 'the prefix before _', given: ["credential.prefix == 'ghp'", bearer('ghp_a-b')], want: true },
    { name: 'the prefix before -', given: ["credential.prefix == 'glpat'", bearer('glpat-a_b')], want: true },
    {
      name: 'a prefix of eight characters',
      given: ["credential.prefix == '12345678'", bearer('12345678_x')],
      want: true,
    },
    { name: 'nine characters are no prefix', given: ["credential.prefix == ''", bearer('123456789_x')], want: true },
    { name: 'nothing before _ is no prefix', given: ["credential.prefix == ''", bearer('_x')], want: true },
    {
      name: 'a JWT has no prefix',
      given: ["credential.prefix == ''", { ...jwt, token: new Secret('a_b.c.d') }],
      want: true,
    },
    { name: 'a password has no prefix', given: ["credential.prefix == ''", password], want: true },
    { name: 'header', given: ["credential.header.alg == 'ES256'", jwt], want: true },
    { name: 'claims', given: ["'a' in credential.claims.aud", jwt], want: true },
    { name: 'a password has no claims', given: ['has(credential.claims.aud)', password], want: false },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () =>
      assert.deepEqual(expression(given[0], 'match').evaluate(given[1]), { ok: true, value: want }),
    );
  }
  void test('login takes a part of the name', () => {
    const login = expression("credential.username.split('@')[0]", 'login');
    assert.deepEqual(login.evaluate(password), { ok: true, value: 'jane' });
  });
});

void describe('users', () => {
  const user: Identity = { username: 'ldap:jane', groups: ['ldap:dev'], extra: { 'example.org/x': ['1'] } };
  const rows: { name: string; given: string; want: boolean }[] = [
    { name: 'groups', given: "user.groups.exists(g, g == 'ldap:dev')", want: true },
    { name: 'the documented idiom', given: "user.groups.all(group, !group.startsWith('system:'))", want: true },
    { name: 'a missing uid is empty', given: "user.uid == ''", want: true },
    { name: 'extra', given: "user.extra['example.org/x'][0] == '1'", want: true },
    { name: 'extra by an escaped name', given: "user.extra.example__dot__org__slash__x == ['1']", want: true },
    { name: 'a global matches', given: "matches(user.username, '^ldap:[a-z]+$')", want: true },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(expression(given, 'userRule').evaluate(user), { ok: true, value: want }));
  }
});

void describe('answers of an upstream', () => {
  const answer = { status: 200, headers: dataObject([['x-user', 'jane']]), body: dataObject([['ok', true]]) };
  const rows: { name: string; given: string; want: boolean }[] = [
    { name: 'status', given: 'answer.status == 200', want: true },
    { name: 'headers', given: "answer.headers['x-user'] == 'jane'", want: true },
    { name: 'body', given: 'answer.body.ok == true', want: true },
    { name: 'what is missing', given: 'has(answer.body.error)', want: false },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(expression(given, 'accept').evaluate(answer), { ok: true, value: want }));
  }
});
