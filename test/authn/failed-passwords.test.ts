// Password guessing: what an upstream is asked, and what it is spared.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wasRefused } from '../../src/authn/failed-passwords.ts';
import { abstained, authenticated, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { inOrder } from '../support/settled.ts';

import { BUDGET, DIFFERENT, guardOf, RIGHT, range, SETTINGS, WRONG, wrongly } from './failed-passwords-setup.ts';

void describe('one wrong password of one name', () => {
  void test('is evaluated once per rejectedTTL', async () => {
    const guard = guardOf();
    assert.deepEqual(await guard.attempt('alice:x', WRONG), WRONG);
    guard.clock.step(9999);
    assert.deepEqual(await guard.attempt('alice:x', RIGHT), WRONG);
    assert.equal(guard.evaluated.length, 1);
    guard.clock.step(2);
    await guard.attempt('alice:x', WRONG);
    assert.equal(guard.evaluated.length, 2);
  });
  void test('however many ask at once', async () => {
    const guard = guardOf();
    const answer = Promise.withResolvers<Verdict<string>>();
    const all = Array.from({ length: 100 }, () => guard.attempt('alice:x', answer.promise));
    await settled();
    answer.resolve(WRONG);
    assert.deepEqual(
      await Promise.all(all),
      all.map(() => WRONG),
    );
    assert.equal(guard.evaluated.length, 1);
  });
  void test('is remembered for its exact bytes: another spelling may be another user', async () => {
    const guard = guardOf();
    assert.deepEqual(await guard.attempt('jsmith:pw', WRONG), WRONG);
    assert.deepEqual(await guard.attempt('JSmith:pw', RIGHT), RIGHT);
    assert.deepEqual(
      await guard.attempt('jsmith:pw', RIGHT),
      WRONG,
      'what is right under one spelling says nothing about another',
    );
  });
  void test('in other spellings at once is evaluated one after the other, and uses up half of the budget', async () => {
    const guard = guardOf();
    const spellings = ['alice:x', 'ALICE:x', ' alice :x', 'ａｌｉｃｅ:x', 'Alice\u00a0:x'];
    const verdicts = await Promise.all(spellings.map((login) => guard.attempt(login, WRONG)));
    assert.deepEqual(verdicts, [WRONG, WRONG, WRONG, BUDGET, BUDGET]);
    await wrongly(guard, spellings);
    assert.equal(guard.evaluated.length, 3);
  });
  void test('uses up half of the budget, however long it is repeated', async () => {
    const guard = guardOf();
    await inOrder(Array.from({ length: 20 }), async () => {
      await guard.attempt('alice:old', WRONG);
      guard.clock.step(10_001);
    });
    assert.equal(guard.evaluated.length, 3);
    assert.deepEqual(await guard.attempt('alice:new', RIGHT), RIGHT, 'the new one is still evaluated');
  });
  void test('was right an hour ago: many at once are one evaluation all the same', async () => {
    const guard = guardOf();
    await guard.attempt('alice:x', RIGHT);
    const answer = Promise.withResolvers<Verdict<string>>();
    const all = Array.from({ length: 20 }, () => guard.attempt('alice:x', answer.promise));
    await settled();
    answer.resolve(WRONG);
    assert.deepEqual(
      await Promise.all(all),
      all.map(() => WRONG),
    );
    assert.equal(guard.evaluated.length, 2);
  });
});

void describe('the budget', () => {
  void test('after max different wrong passwords no more are evaluated', async () => {
    const guard = guardOf();
    await wrongly(guard, DIFFERENT);
    assert.deepEqual(await guard.attempt('alice:6', RIGHT), BUDGET);
    assert.deepEqual(await guard.attempt('ALICE:7', RIGHT), BUDGET);
    assert.deepEqual([guard.evaluated.length, guard.blocked()], [5, 2]);
  });
  void test('is counted before the call: 100 different ones at once are 5 evaluations', async () => {
    const guard = guardOf();
    const answer = Promise.withResolvers<Verdict<string>>();
    const all = Array.from({ length: 100 }, (_, index) => guard.attempt(`alice:${index}`, answer.promise));
    await settled();
    assert.equal(guard.evaluated.length, 5);
    answer.resolve(WRONG);
    const verdicts = await Promise.all(all);
    assert.equal(verdicts.filter(({ kind }) => kind === 'unavailable').length, 95);
  });
  void test('is of one name', async () => {
    const guard = guardOf();
    await wrongly(guard, DIFFERENT);
    assert.deepEqual(await guard.attempt('bob:1', WRONG), WRONG);
  });
  void test('comes back when the window has passed', async () => {
    const guard = guardOf();
    await wrongly(guard, DIFFERENT);
    guard.clock.step(SETTINGS.windowMs * 1.1 + 1);
    assert.deepEqual(await guard.attempt('alice:6', WRONG), WRONG);
  });
  void test('counts 401 of an upstream that cannot tell, unknown names, and every refusal of an account', async () => {
    const guard = guardOf();
    const refusals = [abstained('not-authenticated'), abstained('unknown-user'), rejected('password-expired')];
    await inOrder(range(5), (index) => guard.attempt(`alice:${index}`, refusals[index] ?? WRONG));
    assert.deepEqual(await guard.attempt('alice:6', RIGHT), BUDGET);
  });
  void test('is not spent on what no upstream evaluated', async () => {
    const guard = guardOf();
    const free = [
      unavailable('timeout'),
      unavailable('too-busy'),
      unavailable('ambiguous-user'),
      abstained('wrong-kind'),
    ];
    await inOrder(range(20), (index) => guard.attempt(`alice:${index}`, free[index % free.length] ?? WRONG));
    assert.equal(guard.evaluated.length, 20);
    assert.deepEqual(await guard.attempt('alice:x', WRONG), WRONG);
  });
  void test('an outage is not remembered', async () => {
    const guard = guardOf();
    await guard.attempt('alice:x', unavailable('timeout'));
    assert.deepEqual(await guard.attempt('alice:x', RIGHT), RIGHT);
  });
  void test('without rejectedTTL all of it is for one password too', async () => {
    const guard = guardOf({ rejectedTTLMs: 0 });
    await wrongly(guard, Array(9).fill('alice:x'));
    assert.equal(guard.evaluated.length, 5);
  });
});

void describe('a password that was right', () => {
  void test('is let through when a sprayer has used up the budget, for an hour', async () => {
    const guard = guardOf();
    await guard.attempt('alice:right', RIGHT);
    guard.clock.step(3_599_000);
    await wrongly(guard, DIFFERENT);
    assert.deepEqual(await guard.attempt('alice:right', RIGHT), RIGHT);
    guard.clock.step(3_600_001);
    await wrongly(guard, DIFFERENT);
    assert.deepEqual(await guard.attempt('alice:right', RIGHT), BUDGET);
  });
  void test('is the only one that is tried for somebody who may not guess', async () => {
    const guard = guardOf();
    assert.deepEqual(await guard.attempt('alice:right', RIGHT, { mayGuess: false }), BUDGET);
    await guard.attempt('alice:right', RIGHT);
    assert.deepEqual(await guard.attempt('alice:wrong', WRONG, { mayGuess: false }), BUDGET);
    assert.deepEqual(await guard.attempt('alice:right', RIGHT, { mayGuess: false }), RIGHT);
    assert.deepEqual([guard.evaluated.length, guard.blocked()], [2, 2]);
  });
  void test('is not once it was refused', async () => {
    const guard = guardOf();
    await guard.attempt('alice:right', RIGHT);
    await guard.attempt('alice:right', WRONG);
    await wrongly(guard, DIFFERENT);
    guard.clock.step(10_001);
    assert.deepEqual(await guard.attempt('alice:right', RIGHT), BUDGET);
  });
  void test('gives the budget back to its owner', async () => {
    const guard = guardOf();
    await wrongly(guard, DIFFERENT.slice(0, 4));
    assert.deepEqual(await guard.attempt('alice:right', RIGHT), RIGHT);
    await wrongly(guard, ['alice:6', 'alice:7', 'alice:8', 'alice:9']);
    assert.equal(guard.evaluated.length, 9);
  });
  void test('does not give back what is being evaluated at that moment', async () => {
    const guard = guardOf();
    await guard.attempt('alice:right', RIGHT);
    const answer = Promise.withResolvers<Verdict<string>>();
    const running = DIFFERENT.map((login) => guard.attempt(login, answer.promise));
    await guard.attempt('alice:right', RIGHT);
    answer.resolve(WRONG);
    await Promise.all(running);
    assert.deepEqual(await guard.attempt('alice:6', WRONG), BUDGET);
  });
  void test('is evaluated for each of many at once, side by side', async () => {
    const guard = guardOf();
    await guard.attempt('alice:right', RIGHT);
    const [first, rest] = [Promise.withResolvers<Verdict<string>>(), Promise.withResolvers<Verdict<string>>()];
    const all = [
      guard.attempt('alice:right', first.promise),
      ...Array.from({ length: 9 }, () => guard.attempt('alice:right', rest.promise)),
    ];
    first.resolve(RIGHT);
    await settled();
    assert.equal(guard.evaluated.length, 11);
    rest.resolve(RIGHT);
    assert.deepEqual(
      await Promise.all(all),
      all.map(() => RIGHT),
    );
  });
});

void test('only what an upstream evaluated and did not accept is refused', () => {
  const evaluated = [rejected('wrong-password'), abstained('not-authenticated'), abstained('unknown-user')];
  assert.deepEqual(evaluated.map(wasRefused), [true, true, true]);
  const others = [rejected('empty-password'), abstained('no-match'), unavailable('timeout'), authenticated('x')];
  assert.deepEqual(others.map(wasRefused), [false, false, false, false]);
});

void test('12,000 other names neither reset a budget nor a refusal, nor take more memory than they may', async () => {
  const guard = guardOf({ rejectedTTLMs: 600_000 });
  await guard.attempt('victim:right', RIGHT);
  await wrongly(guard, ['alice:x', 'alice:x', 'alice:1', 'alice:2', 'alice:3', 'alice:4']);
  await inOrder(range(12_000), (index) => guard.attempt(`name ${index}:x`, WRONG));
  const before = guard.evaluated.length;
  assert.deepEqual(await guard.attempt('alice:5', RIGHT), BUDGET);
  assert.notDeepEqual(await guard.attempt('alice:x', RIGHT), RIGHT);
  assert.equal(guard.evaluated.length, before);
  assert.deepEqual(await guard.attempt('victim:right', RIGHT), RIGHT);
});
