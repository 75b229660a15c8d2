// The token parser over any text at all: it always answers, it never quotes, and it gives back what was put in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { parseCredential } from '../../src/core/credential.ts';
import { usernameFault } from '../../src/core/identity.ts';
import { pasteFault } from '../../src/core/pasted.ts';
import { REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { base64, base64url, gistOf, RULES } from './tokens.ts';

const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const username = printable.filter((text) => !text.includes(':') && usernameFault(text) === undefined);
const password = printable.filter((text) => text.trim() !== '' && !/\p{Cc}/u.test(text) && text.isWellFormed());

void test('any string becomes a credential or a refusal of the closed table', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (token) => {
      const parsed = parseCredential(token, RULES);
      if (parsed.kind === 'refused') return assert.ok(parsed.reason in REJECT_REASONS);
      if (parsed.kind === 'password') {
        assert.equal(usernameFault(parsed.username), undefined);
        assert.notEqual(parsed.password.reveal().trim(), '');
      }
    }),
    { numRuns: 600 },
  );
});

void test('any base64 text becomes a credential or a refusal', () => {
  fc.assert(
    fc.property(fc.base64String({ maxLength: 200 }), (token) => {
      assert.match(parseCredential(token, RULES).kind, /^(?:password|bearer|refused)$/);
    }),
  );
});

void test('every spelling of a credential gives the same credential', () => {
  fc.assert(
    fc.property(username, password, (name, secret) => {
      const text = `${name}:${secret}`;
      fc.pre(pasteFault(text) === undefined);
      const spellings = [text, base64(text), base64(text).replace(/=+$/, ''), base64url(text)];
      for (const spelling of spellings) assert.deepEqual(gistOf(parseCredential(spelling, RULES)), [name, secret]);
    }),
  );
});

const isPassword = (token: string) => parseCredential(token, RULES).kind === 'password';

void test('of the spellings that differ in unused bits alone, exactly one is a password', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (const [text, unusedBits] of [
    ['alice:pw', 2],
    ['alice:pw2!', 4],
  ] as const) {
    const body = base64(text).replace(/=+$/, '');
    const last = alphabet.indexOf(body.slice(-1));
    const twins = Array.from(
      { length: 1 << unusedBits },
      (_, bits) => body.slice(0, -1) + (alphabet[last + bits] ?? ''),
    );
    assert.deepEqual(twins.filter(isPassword), [body]);
    assert.deepEqual(twins.map((twin) => twin + '='.repeat(unusedBits / 2)).filter(isPassword), [base64(text)]);
  }
});

void test('no result quotes the token', () => {
  const canary = 'Canary0123456789';
  const tokens = [
    `alice:${canary}`,
    base64(`alice:${canary}`),
    canary,
    `:${canary}`,
    `a\0:${canary}`,
    `${canary}\ud800`,
  ];
  for (const token of tokens) {
    const parsed = parseCredential(token, RULES);
    const printed = [inspect(parsed, { depth: 9, showHidden: true }), JSON.stringify(parsed)].join();
    assert.equal(printed.includes(canary), false);
    assert.equal(printed.includes(base64(canary).slice(0, 12)), false);
  }
});

void test('any string inspected shows neither itself nor its password', () => {
  const secret = fc.string({ unit: fc.constantFrom('X', 'Y', 'Z'), minLength: 12, maxLength: 20 });
  fc.assert(
    fc.property(secret, username, (word, name) => {
      for (const token of [word, `${name}:${word}`, base64(`${name}:${word}`)]) {
        assert.equal(inspect(parseCredential(token, RULES), { depth: 9, showHidden: true }).includes(word), false);
      }
    }),
  );
});
