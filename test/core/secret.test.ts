// A Secret shows itself to nobody who does not ask for it by name.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from '../../src/core/secret.ts';

const CANARY = 'canary-7281';
const secret = new Secret(CANARY);

const printers: { name: string; given: string }[] = [
  { name: 'joining', given: [secret, secret].join(' ') },
  { name: 'String', given: String(secret) },
  { name: 'JSON', given: JSON.stringify({ secret, list: [secret] }) },
  { name: 'inspect', given: inspect({ a: { b: { c: { secret } } } }, { depth: 9, showHidden: true, getters: true }) },
  { name: 'inspect without custom printers', given: inspect(secret, { customInspect: false, showHidden: true }) },
  { name: 'format', given: format('%s %o %O %j', secret, secret, secret, secret) },
  { name: 'an error', given: inspect(new Error('x', { cause: secret })) },
  {
    name: 'its own keys',
    given: JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), Object.assign({}, secret)]),
  },
  { name: 'a structured clone', given: inspect(structuredClone(Object.assign({}, secret))) },
];

void describe('a secret is not shown by', () => {
  for (const { name, given } of printers) void test(name, () => assert.equal(given.includes(CANARY), false));
});

void test('it prints as [redacted] and reveals itself when asked', () => {
  assert.equal(
    [String(secret), JSON.stringify(secret), inspect(secret)].join(' '),
    '[redacted] "[redacted]" [redacted]',
  );
  assert.equal(secret.reveal(), CANARY);
});
