// Answers are decoded strictly: what RFC 4511 does not allow is no answer, and nothing makes the decoder loop or throw.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeResponse } from '../../../src/upstream/ldap/message.ts';
import { passwordPolicyError } from '../../../src/upstream/ldap/result.ts';
import {
  encodeEntry,
  encodeReference,
  encodeResult,
  integer,
  policyControl,
  tlv,
} from '../../support/fake-ldap-codec.ts';
import { lyingEntry } from '../../support/fake-ldap-faults.ts';

void test('a bind result with a password policy control', () => {
  const response = decodeResponse(encodeResult(7, 'bind', { code: 49, diagnostic: 'ä', controls: policyControl(1) }));
  assert.ok(response?.op === 'bind');
  assert.deepEqual([response.id, response.result.code, response.result.diagnostic], [7, 49, 'ä']);
  assert.equal(passwordPolicyError(response.result), 1);
});

void test('an entry with text, bytes and no values', () => {
  const photo = Buffer.from([0xff, 0x00]);
  const response = decodeResponse(
    encodeEntry(2, 'uid=a', [
      ['uid', ['a', 'b']],
      ['photo', [photo]],
      ['none', []],
    ]),
  );
  assert.ok(response?.op === 'entry');
  assert.deepEqual(response.entry, {
    dn: 'uid=a',
    attributes: [
      { name: 'uid', values: [Buffer.from('a'), Buffer.from('b')] },
      { name: 'photo', values: [photo] },
      { name: 'none', values: [] },
    ],
  });
});

void test('a reference to another server is seen as the address that it is', () => {
  const urls = ['ldap://elsewhere/'];
  assert.deepEqual(decodeResponse(encodeReference(3, 'ldap://elsewhere/')), { op: 'reference', id: 3, urls });
});

const malformed = [
  { name: 'an inner length that reaches beyond the message', given: lyingEntry(1) },
  {
    name: 'an attribute list that is not a list',
    given: tlv(0x30, integer(1), tlv(0x64, tlv(0x04, 'uid=x'), tlv(0x04, 'xx'))),
  },
  { name: 'a request in place of an answer', given: tlv(0x30, integer(1), tlv(0x63, '')) },
  { name: 'no message id', given: tlv(0x30, tlv(0x04, 'x'), tlv(0x65, '')) },
  { name: 'a message id of five bytes', given: tlv(0x30, tlv(0x02, '12345'), tlv(0x65, '')) },
  { name: 'a result without a code', given: tlv(0x30, integer(1), tlv(0x61, tlv(0x04, ''), tlv(0x04, ''))) },
  { name: 'a reference that is no address', given: tlv(0x30, integer(1), tlv(0x73, integer(1))) },
  { name: 'nothing inside', given: tlv(0x30) },
];

for (const { name, given } of malformed) {
  void test(`no answer: ${name}`, () => assert.equal(decodeResponse(given), undefined));
}

void test('no bytes make the decoder throw', () => {
  const valid = encodeEntry(2, 'uid=a,dc=x', [
    ['uid', ['a']],
    ['mail', ['a@x', 'b@x']],
  ]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(valid);
      for (const [at, value] of changes) bytes.writeUInt8(value, at);
      decodeResponse(bytes);
    }),
    { numRuns: 2000 },
  );
});
