// What is remembered, for how long, and what may never be served: a refused, ended or unproven verdict.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { abstained, rejected, type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { welcome } from '../support/reviews.ts';
import { storeOf } from '../support/verdict-stores.ts';

const good = { ...welcome(), by: 'ldap' };
const down = (...providers: string[]): Unavailable => ({ ...unavailable('timeout'), providers, down: providers });

void describe('how long', () => {
  void test('an authenticated verdict is fresh until its TTL, to the millisecond', () => {
    const { store, clock } = storeOf();
    store.remember('k', good);
    clock.step(59_999);
    assert.deepEqual(store.recall('k'), good);
    clock.step(1);
    assert.equal(store.recall('k'), undefined);
  });
  for (const verdict of [rejected('wrong-password'), abstained('unknown-user')]) {
    void test(`${verdict.kind} for rejectedTTL`, () => {
      const { store, clock } = storeOf();
      store.remember('k', verdict);
      clock.step(9_999);
      assert.deepEqual(store.recall('k'), verdict);
      clock.step(2);
      assert.equal(store.recall('k'), undefined);
    });
  }
  void test('never past the end of the credential', () => {
    const { store, clock } = storeOf();
    store.remember('k', { ...good, expiresAt: clock.now() + 5000 });
    clock.step(4999);
    assert.notEqual(store.recall('k'), undefined);
    clock.step(1);
    assert.equal(store.recall('k'), undefined);
  });
  void test('a credential that has ended is not remembered', () => {
    const { store, clock } = storeOf({ staleOnUnavailableMs: 60_000 });
    for (const [key, ends] of [
      ['now', 0],
      ['before', -1],
      ['never a number', Number.NaN],
    ] as const) {
      store.remember(key, { ...good, expiresAt: clock.now() + ends });
      assert.equal(store.recall(key), undefined);
      assert.equal(store.stale(key, down('ldap')), undefined);
    }
  });
  void test('a credential whose end was moved to now is forgotten', () => {
    const { store, clock } = storeOf({ staleOnUnavailableMs: 60_000 });
    store.remember('k', good);
    store.remember('k', { ...good, expiresAt: clock.now() });
    assert.deepEqual([store.recall('k'), store.stale('k', down('ldap'))], [undefined, undefined]);
  });
  void test('setting the wall clock back lengthens nothing', () => {
    const { store, clock } = storeOf();
    store.remember('k', { ...good, expiresAt: clock.now() + 5000 });
    clock.setWall(0);
    clock.step(5000);
    assert.equal(store.recall('k'), undefined);
  });
  void test('0 turns either off', () => {
    const { store } = storeOf({ authenticatedTTLMs: 0, rejectedTTLMs: 0 });
    store.remember('k', good);
    assert.equal(store.recall('k'), undefined);
    store.remember('k', rejected('wrong-password'));
    assert.equal(store.recall('k'), undefined);
    assert.equal(store.size, 0);
  });
  void test('fractions of a millisecond are not for ever', () => {
    const { store, clock } = storeOf({ authenticatedTTLMs: 0.5, rejectedTTLMs: 0.5 });
    store.remember('k', good);
    store.remember('l', rejected('wrong-password'));
    clock.step(1);
    assert.deepEqual([store.recall('k'), store.recall('l')], [undefined, undefined]);
  });
});

void describe('good and bad are kept apart', () => {
  void test('a flood of refusals evicts no good entry', () => {
    const { store } = storeOf();
    store.remember('k', good);
    for (let index = 0; index < 10_000; index++) store.remember(`garbage ${index}`, abstained('unknown-token'));
    assert.deepEqual(store.recall('k'), good);
    assert.equal(store.size, 101);
  });
  void test('the newest verdict counts', () => {
    const { store } = storeOf();
    const bad = rejected('account-disabled');
    store.remember('k', good);
    store.remember('k', bad);
    assert.deepEqual(store.recall('k'), bad);
    store.remember('k', good);
    assert.deepEqual(store.recall('k'), good);
  });
  void test('good entries are bounded too', () => {
    const { store } = storeOf({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c']) store.remember(key, good);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => store.recall(key) !== undefined),
      [false, true, true],
    );
  });
});

void describe('stale', () => {
  const KEPT = { staleOnUnavailableMs: 30_000 };
  void test('what the provider that is down authenticated, until TTL and grace are over', () => {
    const { store, clock } = storeOf(KEPT);
    store.remember('k', good);
    clock.step(60_000);
    assert.equal(store.recall('k'), undefined);
    assert.deepEqual(store.stale('k', down('other', 'ldap')), good);
    clock.step(29_999);
    assert.deepEqual(store.stale('k', down('ldap')), good);
    clock.step(1);
    assert.equal(store.stale('k', down('ldap')), undefined);
  });
  void test('not past the end of the credential', () => {
    const { store, clock } = storeOf(KEPT);
    store.remember('k', { ...good, expiresAt: clock.now() + 70_000 });
    clock.step(69_999);
    assert.notEqual(store.stale('k', down('ldap')), undefined);
    clock.step(1);
    assert.equal(store.stale('k', down('ldap')), undefined);
  });
  void test('not while somebody else is down', () => {
    const { store } = storeOf(KEPT);
    store.remember('k', good);
    assert.equal(store.stale('k', down('other')), undefined);
    assert.equal(store.stale('k', unavailable('overloaded')), undefined);
  });
  for (const reason of ['failed-password-budget', 'too-busy', 'rate-limited', 'timeout'] as const) {
    void test(`not while its owner is unavailable by ${reason}, and its upstream is not down`, () => {
      const { store } = storeOf(KEPT);
      store.remember('k', good);
      const outage = { ...unavailable(reason), providers: ['other', 'ldap'], down: ['other'] };
      assert.equal(store.stale('k', outage), undefined);
      assert.deepEqual(store.stale('k', down('ldap')), good, 'it is still known when the upstream is down');
    });
  }
  void test('nor fresh once the password was refused under another spelling', () => {
    const { store } = storeOf(KEPT);
    const proof = { isWithdrawn: false };
    const proven = { ...good, proof };
    store.remember('k', proven);
    store.remember('l', { ...good, proof: { isWithdrawn: false } });
    assert.deepEqual(store.recall('k'), proven);
    proof.isWithdrawn = true;
    assert.deepEqual([store.recall('k'), store.stale('k', down('ldap'))], [undefined, undefined]);
    assert.notEqual(store.recall('l'), undefined);
  });
  void test('not without staleOnUnavailable', () => {
    const { store, clock } = storeOf();
    store.remember('k', good);
    clock.step(60_000);
    assert.equal(store.stale('k', down('ldap')), undefined);
  });
  for (const verdict of [rejected('account-disabled'), abstained('unknown-user')]) {
    void test(`not after it was ${verdict.kind}`, () => {
      const { store } = storeOf(KEPT);
      store.remember('k', good);
      store.remember('k', verdict);
      assert.equal(store.stale('k', down('ldap')), undefined);
    });
  }
  void test('not after its owner answered while somebody else was down', () => {
    const { store, clock } = storeOf(KEPT);
    store.remember('k', good);
    clock.step(61_000);
    assert.equal(store.stale('k', down('other')), undefined, 'the owner was asked, and did not authenticate');
    assert.equal(store.stale('k', down('other', 'ldap')), undefined, 'its refusal is the last that it said');
  });
  void test('still after an outage that names nobody', () => {
    const { store } = storeOf(KEPT);
    store.remember('k', good);
    assert.equal(store.stale('k', unavailable('timeout')), undefined);
    assert.deepEqual(store.stale('k', down('ldap')), good);
  });
});
