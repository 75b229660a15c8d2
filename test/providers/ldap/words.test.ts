// What the server says about a refusal is told to operators, and never repeats what was typed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotable } from '../../../src/upstream/ldap/result.ts';
import { fakePerson } from '../../support/fake-ldap-data.ts';
import type { FakeScript } from '../../support/fake-ldap-session.ts';
import { inDirectory, SERVICE } from './open-ldap.ts';

const PASSWORD = 'correct horse';
const AD = '80090308: LdapErr: DSID-0C09042F, comment: AcceptSecurityContext error, data 52e, v4563\0';

const rows: readonly { name: string; script: FakeScript; want: RegExp }[] = [
  {
    name: 'a refused search',
    script: (request) =>
      request.op === 'search' ? { code: 50, diagnostic: 'Insufficient search permissions' } : undefined,
    want: /^the search for the user below \S+: result code 50 \(insufficientAccessRights\), "Insufficient search permissions"$/,
  },
  {
    name: 'a refused bind',
    script: (request) => (isUsers(request) ? { code: 49, diagnostic: AD } : undefined),
    want: /^the user's bind: result code 49 \(invalidCredentials\), "80090308: LdapErr: .*, data 52e, v4563"$/,
  },
  {
    name: 'a refused bind that repeats the password',
    script: (request) => (isUsers(request) ? { code: 49, diagnostic: `no ${PASSWORD}, data 775, v1` } : undefined),
    want: /^the user's bind: result code 49 \(invalidCredentials\), data 775$/,
  },
  {
    name: 'a refused bind that repeats the name',
    script: (request) => (isUsers(request) ? { code: 53, diagnostic: 'ALICE is inactive' } : undefined),
    want: /^the user's bind: result code 53 \(unwillingToPerform\)$/,
  },
  {
    name: 'a refused service account',
    script: (request) => (request.op === 'bind' ? { code: 49, diagnostic: 'account locked' } : undefined),
    want: /the bind as bind\.dn: result code 49 \(invalidCredentials\), "account locked"$/,
  },
];

function isUsers(request: Parameters<FakeScript>[0]): boolean {
  return request.op === 'bind' && request.dn !== SERVICE.dn;
}

for (const { name, script, want } of rows) {
  void test(`the detail of ${name}`, () =>
    inDirectory({ users: [fakePerson('alice', 'pw')], script }, {}, async ({ login }) => {
      const verdict = await login('alice', PASSWORD);
      assert.match(verdict.detail ?? '', want);
    }));
}

const quotes = [
  { name: 'nothing', given: '', want: undefined },
  { name: 'a NUL at the end', given: 'data 52e\0', want: 'data 52e' },
  { name: 'control and bidirectional characters', given: 'a\u001b[31m\r\n\u202eb', want: 'a [31m b' },
  { name: 'bytes that are no text', given: 'a\ufffd\ufffdb', want: 'a b' },
  { name: 'more than 200 characters', given: '\u{1f511}'.repeat(300), want: '\u{1f511}'.repeat(200) },
  { name: 'the password', given: `bad ${PASSWORD}`, want: undefined },
  { name: 'the password in other letters', given: PASSWORD.toUpperCase(), want: undefined },
  { name: 'the password in base64', given: Buffer.from(PASSWORD).toString('base64'), want: undefined },
  {
    name: 'the password in hexadecimal',
    given: `x${Buffer.from(PASSWORD).toString('hex').toUpperCase()}`,
    want: undefined,
  },
  { name: 'the password in a URL', given: encodeURIComponent(PASSWORD), want: undefined },
];
for (const { name, given, want } of quotes) {
  void test(`quotable: ${name}`, () => assert.equal(quotable(given, [PASSWORD]), want));
}
