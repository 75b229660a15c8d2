// What lies in a store that others can write: it opens where, as and as long as it was sealed, or not at all.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { Secret } from '../../src/core/secret.ts';
import { sealer } from '../../src/stores/sealed.ts';

const NOW = Date.UTC(2026, 10, 26);
const SECRET = new Secret('x'.repeat(16) + randomBytes(24).toString('base64'));
const { seal, open, nameOf } = sealer(SECRET, randomBytes);
const VALUE = { username: 'alice', groups: ['dev', 'ops'] };
const sealed = (): string => seal('verdict/a', VALUE, NOW + 1000);

void describe('a sealed value', () => {
  void test('opens at its place within its time, on any broker with the key', () => {
    const other = sealer(new Secret(SECRET.reveal()), randomBytes);
    assert.deepEqual({ ...other.open('verdict/a', sealed(), NOW) }, VALUE);
  });

  const rows: { name: string; given: () => [place: string, text: string, nowMs: number] }[] = [
    { name: 'moved to another place', given: () => ['verdict/b', sealed(), NOW] },
    { name: 'after its time', given: () => ['verdict/a', sealed(), NOW + 1000] },
    { name: 'cut off at its end', given: () => ['verdict/a', sealed().slice(0, -4), NOW] },
    { name: 'cut off to nothing', given: () => ['verdict/a', '', NOW] },
    { name: 'sealed with another key', given: () => ['verdict/a', foreign(), NOW] },
    {
      name: 'that is the text itself',
      given: () => ['verdict/a', JSON.stringify({ until: NOW + 9, value: VALUE }), NOW],
    },
  ];
  for (const { name, given } of rows) {
    void test(`${name} is none`, () => assert.equal(open(...given()), undefined));
  }

  void test('with any byte changed is none', () => {
    const bytes = Buffer.from(sealed(), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ change, at);
        return open('verdict/a', changed.toString('base64url'), NOW) === undefined;
      }),
    );
  });

  void test('never reads twice the same, and does not show what is in it', () => {
    assert.notEqual(sealed(), sealed());
    assert.ok(!Buffer.from(sealed(), 'base64url').includes('alice'));
  });
});

void test('the name of a place tells nothing without the key', () => {
  const other = sealer(new Secret('another key of thirty-two bytes or more'), randomBytes);
  assert.match(nameOf('verdict/a'), /^[\w-]{43}$/);
  assert.notEqual(nameOf('verdict/a'), other.nameOf('verdict/a'));
  assert.notEqual(nameOf('verdict/a'), nameOf('verdict/b'));
});

function foreign(): string {
  return sealer(new Secret('another key of thirty-two bytes or more'), randomBytes).seal(
    'verdict/a',
    VALUE,
    NOW + 1000,
  );
}
