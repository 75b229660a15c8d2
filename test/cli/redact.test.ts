// An upstream that sends the credential back does not bring it onto the screen.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactedCopy, redactor } from '../../src/cli/redact.ts';
import { type Credential, parseCredential } from '../../src/core/credential.ts';
import { createSinks } from '../support/sinks.ts';

const PASSWORD = 'Canary-"7\\ü🔑-end';

function credentialOf(token: string): Credential | undefined {
  const credential = parseCredential(token, { tokenBytes: 10_000, ignoreIssuers: new Set() });
  return credential.kind === 'refused' ? undefined : credential;
}

void test('every spelling that upstreams send back is hidden, in values and in keys', () => {
  const token = `alice:${PASSWORD}`;
  const json = JSON.stringify({ password: PASSWORD });
  const echo = {
    raw: `you sent ${PASSWORD}!`,
    basic: `Basic ${Buffer.from(token).toString('base64')}`,
    url: `/login?p=${encodeURIComponent(PASSWORD)}&x`,
    form: new URLSearchParams({ password: PASSWORD }).toString(),
    hex: Buffer.from(PASSWORD).toString('hex').toUpperCase(),
    latin1: Buffer.from(PASSWORD).toString('latin1'),
    json,
    nested: [JSON.stringify({ json })],
    keys: { [PASSWORD]: 1 },
  };
  const shown = redactedCopy(echo, redactor(token, credentialOf(token)));
  const sinks = createSinks();
  sinks.add('copy', JSON.stringify(shown));
  assert.deepEqual(sinks.leaksOf(PASSWORD), []);
  assert.equal(shown.raw, 'you sent [redacted]!');
  assert.deepEqual(Object.keys(shown.keys), ['[redacted]']);
});

const rows = [
  { name: 'an opaque token', token: 'Canary-opaque-token', given: 'got Canary-opaque-token', want: 'got [redacted]' },
  {
    name: 'the signature of a JWT',
    token: 'eyJhbGciOiJSUzI1NiJ9.e30.Canary-signature',
    given: 'sig=Canary-signature',
    want: 'sig=[redacted]',
  },
  { name: 'a short password, alone', token: 'alice:pw', given: 'pw', want: '[redacted]' },
  { name: 'a short password inside other text, where it is a word', token: 'alice:pw', given: 'pwd', want: 'pwd' },
  {
    name: 'a password that is the username',
    token: 'administrator:administrator',
    given: 'administrator',
    want: 'administrator',
  },
  {
    name: 'a token that no provider is asked about',
    token: 'abcdef.0123456789abcdef',
    given: 'abcdef.0123456789abcdef',
    want: '[redacted]',
  },
];

for (const { name, token, given, want } of rows) {
  void test(`${name}: ${want}`, () => {
    assert.equal(redactor(token, credentialOf(token))(given), want);
  });
}
