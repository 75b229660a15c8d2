// Fingerprints: no two different reviews share one, and none means anything to another process.

import assert from 'node:assert/strict';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { Credential } from '../../src/core/credential.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import { Secret } from '../../src/core/secret.ts';

const key = newFingerprintKey(randomBytes);
const fingerprints = fingerprinter(key, '1');

interface Fields {
  readonly endpoint?: string;
  readonly username?: string;
  readonly password?: string;
  readonly audiences?: readonly string[];
}

const password = (username: string, text: string): Credential => ({
  kind: 'password',
  username,
  password: new Secret(text),
});
const bearer = (text: string): Credential => ({ kind: 'bearer', form: 'opaque', token: new Secret(text) });
const of = ({ endpoint = '/a', username = 'alice', password: text = 'pw', audiences = [] }: Fields = {}) =>
  fingerprints.ofReview(endpoint, password(username, text), audiences);

void describe('equal reviews share a fingerprint, and these do not', () => {
  const rows: { name: string; given: string }[] = [
    { name: 'another endpoint', given: of({ endpoint: '/b' }) },
    { name: 'another username', given: of({ username: 'alice2' }) },
    { name: 'another password', given: of({ password: 'pw2' }) },
    { name: 'the colon moved from username to password', given: of({ username: 'alic', password: 'epw' }) },
    { name: 'an audience', given: of({ audiences: ['x'] }) },
    { name: 'an empty audience', given: of({ audiences: [''] }) },
    { name: 'a bearer of the same text', given: fingerprints.ofReview('/a', bearer('alice:pw'), []) },
    { name: 'another generation', given: fingerprinter(key, '2').ofReview('/a', password('alice', 'pw'), []) },
    {
      name: 'another process',
      given: fingerprinter(newFingerprintKey(randomBytes), '1').ofReview('/a', password('alice', 'pw'), []),
    },
    { name: 'another use', given: fingerprints.of('/a', ['alice', 'pw']) },
  ];
  for (const { name, given } of rows) void test(name, () => assert.notEqual(given, of()));
  void test('equal ones do', () => assert.equal(of(), of()));
  void test('the order of audiences is part of it, as in kube-apiserver', () => {
    assert.notEqual(of({ audiences: ['a', 'b'] }), of({ audiences: ['b', 'a'] }));
  });
  void test('generations and endpoints cannot be shifted into one another', () => {
    const [one, eleven] = [fingerprinter(key, '1'), fingerprinter(key, '11')];
    assert.notEqual(one.ofReview('1/a', bearer('x'), []), eleven.ofReview('/a', bearer('x'), []));
  });
});

void test('it is 43 base64url characters and no plain hash', () => {
  assert.match(of(), /^[\w-]{43}$/);
  assert.notEqual(of(), createHash('sha256').update('alice:pw').digest('base64url'));
});

void test("it is RFC 2104's HMAC-SHA-256, as node computes it", () => {
  const secret = randomBytes(32);
  const under = fingerprinter(
    newFingerprintKey(() => secret),
    '1',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (message) => {
      const want = createHmac('sha256', secret).update(`1:d${message.length}:${message}`).digest('base64url');
      assert.equal(under.of('d', [message]), want);
    }),
  );
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('1', ':', '0', '/', 'p', '\n') }),
);
const credential = fc.oneof(
  fc.tuple(text, text).map(([name, secret]) => ({ who: ['p', name, secret], credential: password(name, secret) })),
  text.map((token) => ({ who: ['b', token], credential: bearer(token) })),
);
const review = fc.tuple(text, credential, fc.array(text, { maxLength: 3 }));

void test('different fields never read the same', () => {
  fc.assert(
    fc.property(review, review, ([endpoint, one, audiences], [otherEndpoint, other, otherAudiences]) => {
      const same =
        JSON.stringify([endpoint, one.who, audiences]) === JSON.stringify([otherEndpoint, other.who, otherAudiences]);
      const a = fingerprints.ofReview(endpoint, one.credential, audiences);
      const b = fingerprints.ofReview(otherEndpoint, other.credential, otherAudiences);
      assert.equal(a === b, same);
    }),
    { numRuns: 600 },
  );
});

void test('fields of any use never read the same as other fields', () => {
  const fields = fc.tuple(text, fc.array(text, { maxLength: 3 }));
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      assert.equal(fingerprints.of(...a) === fingerprints.of(...b), JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 300 },
  );
});
