// The budget of a provider outlives a reload, unless it is another provider by then.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HistoryOwner, passwordHistories } from '../../src/authn/password-histories.ts';
import { Secret } from '../../src/core/secret.ts';
import { fakeClock } from '../support/fake-clock.ts';

const OWNER: HistoryOwner = {
  name: 'corp',
  type: 'ldap',
  options: { urls: ['ldaps://a'], bind: { password: new Secret('one') } },
  windowMs: 300_000,
};

const rows: readonly { readonly name: string; readonly next: HistoryOwner; readonly isKept: boolean }[] = [
  { name: 'the same, loaded again', next: structuredOwner(), isKept: true },
  {
    name: 'another secret of its own',
    next: { ...OWNER, options: { urls: ['ldaps://a'], bind: { password: new Secret('two') } } },
    isKept: true,
  },
  { name: 'another upstream', next: { ...OWNER, options: { urls: ['ldaps://b'] } }, isKept: false },
  { name: 'another type', next: { ...OWNER, type: 'http-basic' }, isKept: false },
  { name: 'another window', next: { ...OWNER, windowMs: 60_000 }, isKept: false },
  { name: 'another name', next: { ...OWNER, name: 'other' }, isKept: false },
];

void describe('after a reload, with', () => {
  for (const { name, next, isKept } of rows) {
    void test(`${name}: ${isKept ? 'kept' : 'begun anew'}`, () => {
      const histories = passwordHistories(fakeClock().monotonicMs);
      const before = histories(OWNER);
      assert.equal(histories(next) === before, isKept);
    });
  }
});

function structuredOwner(): HistoryOwner {
  return { ...OWNER, options: { urls: ['ldaps://a'], bind: { password: new Secret('one') } } };
}
