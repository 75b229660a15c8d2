// A list of revocations as it changes, and what it must not have lost.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lossSince, lossSinceNote, type RevocationList, withRevocation } from '../../src/issuer/revocation-list.ts';

const HEAD = { change: 7, watchedMs: 5000, forgottenMs: 1000, acceptedAt: 0 };
const entries = [
  { jti: 'a' },
  { jti: 'b: "c"\u2028', watchedMs: 4000 },
  { username: 'ldap:jürgen', before: 1_800_000_000_000 },
];

void describe('a second revocation of a user', () => {
  const rows = [
    { name: 'counts from the later time', given: 2000, want: 2000 },
    { name: 'from a clock that is behind still covers what was issued after the first', given: 500, want: 1001 },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const list = { entries: [{ username: 'u', before: 1000 }] };
      const next = withRevocation(list, { username: 'u', before: given }, { watchedMs: 0, keptMs: 1 });
      assert.deepEqual(next.entries, [{ username: 'u', before: want }]);
    });
  }
});

void describe('a loss', () => {
  const before: RevocationList = { head: HEAD, entries };
  const later = { ...HEAD, change: 8 };
  const rows: { name: string; given: RevocationList; want?: string }[] = [
    { name: 'is not an addition', given: { head: later, entries: [...entries, { jti: 'c' }] } },
    { name: 'is not an addition by hand', given: { entries: [...entries, { jti: 'c' }] } },
    {
      name: 'is not what was taken off in its time',
      given: { head: { ...later, forgottenMs: 4001 }, entries: entries.filter(({ jti }) => jti !== entries[1]?.jti) },
    },
    {
      name: 'is not what an operator has taken as it is',
      given: { head: { ...HEAD, change: 1, acceptedAt: 9 }, entries: [] },
    },
    { name: 'is an entry less', given: { head: later, entries: entries.slice(1) }, want: 'has lost 1 of its entries' },
    {
      name: 'is a user whose time is earlier',
      given: { head: later, entries: [...entries.slice(0, 2), { username: 'ldap:jürgen', before: 1 }] },
      want: 'has lost 1 of its entries',
    },
    {
      name: 'is an earlier change',
      given: { head: { ...HEAD, change: 6 }, entries },
      want: 'is at change 6 and was at 7',
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(lossSince(before, given), want));
  }
  void test('shows by a note, which counts only', () => {
    const note = { change: 7, acceptedAt: 0, entries: 3 };
    assert.equal(lossSinceNote(note, { head: { ...HEAD, change: 6 }, entries }), 'is at change 6 and was at 7');
    assert.equal(lossSinceNote(note, { entries: entries.slice(1) }), 'has lost 1 of its entries');
    assert.equal(lossSinceNote(note, { head: { ...HEAD, acceptedAt: 1, change: 1 }, entries: [] }), undefined);
    assert.equal(lossSinceNote(note, before), undefined);
  });
});
