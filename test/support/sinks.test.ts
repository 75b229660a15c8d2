// The search for secrets finds every spelling that a leak has had anywhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSinks } from './sinks.ts';

const SECRET = 'Canary-"7\\ü🔑-end';

const rows = [
  { name: 'raw', given: `password is ${SECRET}!` },
  { name: 'Basic credentials of a one-letter user', given: Buffer.from(`a:${SECRET}`).toString('base64') },
  { name: 'Basic credentials of a two-letter user', given: Buffer.from(`ab:${SECRET}:x`).toString('base64') },
  { name: 'Basic credentials of a three-letter user', given: Buffer.from(`abc:${SECRET}`).toString('base64') },
  { name: 'base64url', given: Buffer.from(SECRET).toString('base64url') },
  { name: 'hex in upper case', given: Buffer.from(SECRET).toString('hex').toUpperCase() },
  { name: 'a query string', given: `https://host/?p=${encodeURIComponent(SECRET)}` },
  { name: 'a form', given: new URLSearchParams({ password: SECRET }).toString() },
  { name: 'JSON', given: JSON.stringify({ token: SECRET }) },
  { name: 'JSON in JSON', given: JSON.stringify({ body: JSON.stringify({ token: SECRET }) }) },
  { name: 'a nested object', given: { a: { b: [{ c: SECRET }] } } },
  { name: "an error's cause", given: new Error('outer', { cause: new Error(SECRET) }) },
  { name: 'UTF-8 read as Latin-1', given: Buffer.from(SECRET).toString('latin1') },
];

for (const { name, given } of rows) {
  void test(`finds a secret in ${name}`, () => {
    const sinks = createSinks();
    sinks.add('here', given);
    assert.notDeepEqual(sinks.leaksOf(SECRET), []);
    assert.deepEqual(sinks.leaksOf('Canary-another-secret'), []);
  });
}

void test('finds a secret in the log', () => {
  const sinks = createSinks();
  sinks.log('info', 'login', { name: `x${SECRET}` });
  assert.match(sinks.leaksOf(SECRET).join(), /^log: /);
});
