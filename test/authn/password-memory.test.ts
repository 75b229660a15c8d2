// What is remembered of evaluated passwords, for how long, and whose history it is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type PasswordKeys, passwordHistories, passwordMemory } from '../../src/authn/password-memory.ts';
import { rejected } from '../../src/core/verdict.ts';
import { fakeClock } from '../support/fake-clock.ts';

const keysOf = (who: string, password: string): PasswordKeys => ({
  who: Buffer.from(`${who} is twelve bytes`).toString('base64url'),
  password: `${who}:${password}`,
  refusal: `refused ${who}:${password}`,
});

void describe('the memory', () => {
  const SETTINGS = { max: 4, windowMs: 60_000, rejectedTTLMs: 1000, acceptedTTLMs: 60_000 };
  const [alice, other] = [keysOf('alice', 'x'), keysOf('alice', 'y')];
  void test('gives a refusal back as it was, and forgets it after its TTL', () => {
    const clock = fakeClock();
    const memory = passwordMemory(SETTINGS, clock.monotonicMs);
    const refusal = rejected('account-locked');
    memory.refused([alice], refusal);
    assert.equal(memory.refusal(alice), refusal);
    assert.equal(memory.refusal(other), undefined);
    clock.step(1001);
    assert.equal(memory.refusal(alice), undefined);
  });
  void test('a success ends a refusal of the same password', () => {
    const memory = passwordMemory(SETTINGS, fakeClock().monotonicMs);
    memory.refused([alice], rejected('wrong-password'));
    memory.accepted([alice]);
    assert.deepEqual([memory.refusal(alice), memory.isVerified(alice)], [undefined, true]);
  });
  void test('counts a reservation until it is given back, once', () => {
    const memory = passwordMemory({ ...SETTINGS, max: 2 }, fakeClock().monotonicMs);
    const [first, second] = [memory.reserve(alice), memory.reserve(keysOf('alice', 'z'))];
    assert.equal(memory.isExhausted(other), true);
    first.giveBack();
    first.giveBack();
    assert.equal(memory.isExhausted(other), false);
    second.end(false);
    memory.reserve(other);
    assert.equal(memory.isExhausted(keysOf('alice', 'w')), true);
  });
});

void describe('the history of accounts', () => {
  const CORP = { upstream: ['ldaps://dc1', 'ldaps://dc2'], within: 'ou=people' };
  const WINDOW_MS = 300_000;
  void test('is one for providers whose upstreams share an address, whatever their names and bases are', () => {
    const histories = passwordHistories(fakeClock().monotonicMs);
    const first = histories('ldap', CORP, WINDOW_MS);
    const rows = [
      { type: 'ldap', upstream: ['ldaps://dc2'], within: '', want: true },
      { type: 'ldap', upstream: ['ldaps://dc3', 'ldaps://dc1'], within: 'ou=staff', want: true },
      { type: 'ldap', upstream: ['ldaps://dc3'], within: '', want: true },
      { type: 'ldap', upstream: ['ldaps://dc4'], within: '', want: false },
      { type: 'http-basic', upstream: ['ldaps://dc1'], within: '', want: false },
    ];
    for (const { type, upstream, within, want } of rows) {
      const { history } = histories(type, { upstream, within }, WINDOW_MS);
      assert.equal(history === first.history, want, `${type} ${upstream.join(' ')}`);
    }
  });
  void test('outlives a reload: the next configuration takes part before the one before lets go', () => {
    const histories = passwordHistories(fakeClock().monotonicMs);
    const before = histories('ldap', CORP, WINDOW_MS);
    const after = histories('ldap', CORP, WINDOW_MS);
    before.release();
    assert.equal(histories('ldap', CORP, WINDOW_MS).history, after.history);
  });
  void test('is freed with its last provider', () => {
    const histories = passwordHistories(fakeClock().monotonicMs);
    const [one, two] = [histories('ldap', CORP, WINDOW_MS), histories('ldap', CORP, WINDOW_MS)];
    one.release();
    two.release();
    assert.notEqual(histories('ldap', CORP, WINDOW_MS).history, one.history);
  });
  void test('begins anew with another window, and the one before frees nothing of it', () => {
    const histories = passwordHistories(fakeClock().monotonicMs);
    const before = histories('ldap', CORP, WINDOW_MS);
    const after = histories('ldap', CORP, 2 * WINDOW_MS);
    assert.notEqual(after.history, before.history);
    before.release();
    assert.equal(histories('ldap', CORP, 2 * WINDOW_MS).history, after.history);
  });
});
