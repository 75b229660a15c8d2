// Bytes become messages however they are cut, and a lying length ends it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createFramer } from '../../../src/upstream/ldap/ber.ts';
import { tlv } from '../../support/fake-ldap-codec.ts';
import { lyingHeader } from '../../support/fake-ldap-faults.ts';

const MAX_BYTES = 1000;

void test('messages arrive whole, however the stream is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (contents, cuts) => {
      const sent = contents.map((content) => tlv(0x30, Buffer.from(content)));
      const framer = createFramer(MAX_BYTES);
      const received: Buffer[] = [];
      let rest = Buffer.concat(sent);
      while (rest.length > 0) {
        const size = cuts.next().value ?? 1;
        const framed = framer.push(rest.subarray(0, size));
        assert.ok(framed.kind === 'frames');
        received.push(...framed.frames);
        rest = rest.subarray(size);
      }
      assert.deepEqual(received, sent);
      assert.equal(framer.pendingBytes(), 0);
    }),
  );
});

const rows = [
  { name: 'a length over the limit, at once', given: lyingHeader(0x7fffffff), want: 'oversize' },
  { name: 'a length just over the limit', given: lyingHeader(MAX_BYTES), want: 'oversize' },
  { name: 'HTTP', given: Buffer.from('HTTP/1.1 400 Bad Request'), want: 'malformed' },
  { name: 'an indefinite length', given: Buffer.from([0x30, 0x80, 0, 0]), want: 'malformed' },
  { name: 'a length of five bytes', given: Buffer.from([0x30, 0x85, 0, 0, 0, 0, 1]), want: 'malformed' },
];

for (const { name, given, want } of rows) {
  void test(`a stream that cannot be read: ${name}`, () => {
    const framer = createFramer(MAX_BYTES);
    assert.equal(framer.push(Buffer.concat([tlv(0x30, 'x'), given])).kind, want);
  });
}
