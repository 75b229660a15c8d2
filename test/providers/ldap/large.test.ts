// Large entries cost nothing before the password is proven, and are read up to a bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeEntry, fakePerson } from '../../support/fake-ldap-data.ts';
import { attributesOf, inDirectory, outcome } from './open-ldap.ts';

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 'x']));
const photo = (size: number): Record<string, Buffer> => ({ jpegPhoto: Buffer.alloc(size, 0xff) });

const rows: readonly { name: string; given: FakeEntry; want: string }[] = [
  { name: '490 attributes', given: fakePerson('alice', 'pw', many(490)), want: 'authenticated' },
  { name: '501 attributes', given: fakePerson('alice', 'pw', many(501)), want: 'unavailable oversize-answer' },
  { name: '250 KiB', given: fakePerson('alice', 'pw', photo(250 * 1024)), want: 'authenticated' },
  {
    name: '256 KiB and more',
    given: fakePerson('alice', 'pw', photo(256 * 1024)),
    want: 'unavailable oversize-answer',
  },
];

for (const { name, given, want } of rows) {
  void test(`an entry of ${name}: ${want}, and a wrong password is refused all the same`, () =>
    inDirectory({ users: [given] }, {}, async ({ login }) => {
      assert.equal(outcome(await login('alice', 'no')), 'rejected wrong-password');
      assert.equal(outcome(await login('alice', 'pw')), want);
    }));
}

void test('before the password is proven only the key of the entry is read', () =>
  inDirectory({ users: [fakePerson('alice', 'pw', many(3))] }, {}, async ({ login }, directory) => {
    await login('alice', 'no');
    assert.deepEqual(
      directory.searches.map(({ attributes }) => attributes),
      [['entryUUID', 'nsUniqueId']],
    );
    assert.equal(attributesOf(await login('alice', 'pw'))['a2'], 'x');
  }));

void test('with fewer attributes a large entry can log in', () =>
  inDirectory(
    { users: [fakePerson('alice', 'pw', photo(300 * 1024))] },
    { userSearch: { baseDN: 'ou=people,dc=example,dc=org', attributes: ['mail'] } },
    async ({ login }) => assert.equal(outcome(await login('alice', 'pw')), 'authenticated'),
  ));
