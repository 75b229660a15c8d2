// What is remembered of evaluated passwords, and under which keys.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { passwordKeys, passwordMemory, wasRefused } from '../../src/authn/password-memory.ts';
import { fingerprinter, newFingerprintKey } from '../../src/core/fingerprint.ts';
import { Secret } from '../../src/core/secret.ts';
import { abstained, authenticated, rejected, unavailable } from '../../src/core/verdict.ts';
import { fakeClock } from '../support/fake-clock.ts';

const fingerprints = fingerprinter(newFingerprintKey(randomBytes), 1);
const keysOf = (username: string, password: string) =>
  passwordKeys({ kind: 'password', username, password: new Secret(password) }, fingerprints);

void describe('keys', () => {
  void test('spellings of a name are one', () => {
    assert.deepEqual(keysOf(' ÄLICE', 'x'), keysOf('a\u0308lice', 'x'));
  });
  void test('passwords are compared byte by byte', () => {
    assert.notEqual(keysOf('alice', 'X').password, keysOf('alice', 'x').password);
    assert.notEqual(keysOf('alice', ' x').password, keysOf('alice', 'x').password);
    assert.equal(keysOf('alice', 'X').name, keysOf('alice', 'x').name);
  });
  void test('neither shows name or password', () => {
    assert.match(Object.values(keysOf('alice', 'x')).join(), /^[\w-]{43},[\w-]{43}$/);
    assert.notEqual(keysOf('alice', '').name, keysOf('alice', '').password);
  });
});

void test('only what an upstream evaluated and did not accept is refused', () => {
  assert.deepEqual([rejected('wrong-password'), abstained('not-authenticated')].map(wasRefused), [true, true]);
  const others = [rejected('empty-password'), abstained('unknown-user'), unavailable('timeout'), authenticated('x')];
  assert.deepEqual(others.map(wasRefused), [false, false, false, false]);
});

void describe('the memory', () => {
  const SETTINGS = { max: 4, windowMs: 60_000, rejectedTTLMs: 1000 };
  const [alice, other] = [keysOf('alice', 'x'), keysOf('alice', 'y')];
  void test('gives a refusal back as it was, and forgets it after its TTL', () => {
    const clock = fakeClock();
    const memory = passwordMemory<string>(SETTINGS, clock.monotonicMs);
    const refusal = rejected('account-locked');
    memory.reserve(alice)(refusal);
    assert.equal(memory.refusal(alice), refusal);
    assert.equal(memory.refusal(other), undefined);
    clock.step(1001);
    assert.equal(memory.refusal(alice), undefined);
  });
  void test('a success ends a refusal of the same password', () => {
    const memory = passwordMemory<string>(SETTINGS, fakeClock().monotonicMs);
    const learn = memory.reserve(alice);
    memory.reserve(alice)(rejected('wrong-password'));
    learn(authenticated('alice'));
    assert.deepEqual([memory.refusal(alice), memory.isVerified(alice)], [undefined, true]);
  });
  void test('counts a reservation until its verdict is known', () => {
    const memory = passwordMemory<string>({ ...SETTINGS, max: 1 }, fakeClock().monotonicMs);
    const learn = memory.reserve(alice);
    assert.equal(memory.isExhausted(other), true);
    learn(unavailable('timeout'));
    assert.equal(memory.isExhausted(other), false);
  });
});
