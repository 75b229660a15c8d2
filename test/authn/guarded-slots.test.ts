// Waiting for a provider: in order, until the deadline, and nothing is lost.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Decision } from '../../src/core/identity.ts';
import { unavailable } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { held, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

import { CIRCUIT_OPEN, guard, openUp } from './guarded-setup.ts';

void describe('the slots', () => {
  void test('who finds none waits in order, however many there are', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const running = Array.from({ length: 100 }, (_, index) => under.ask(reviewOf({ username: `u${index}` })));
    await inOrder(running, async (verdict) => {
      await settled();
      assert.equal(inner.waiting, 1);
      under.clock.step(10);
      inner.answer(welcome());
      assert.equal((await verdict).kind, 'authenticated');
    });
    assert.deepEqual(
      inner.asked.map(({ credential }) => credential.kind === 'password' && credential.username),
      Array.from({ length: 100 }, (_, index) => `u${index}`),
    );
    assert.deepEqual([under.waits.length, under.waits[0], under.waits[98]], [99, 10, 990]);
  });
  void test('whose deadline passed in the queue is too-busy, and that is no failure of the upstream', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const first = under.ask();
    await settled();
    const waiting = await inOrder(Array.from({ length: 10 }), async () => {
      const deadline = new AbortController();
      const verdict = under.ask(reviewOf(), deadline.signal);
      await settled();
      deadline.abort();
      return verdict;
    });
    assert.deepEqual(waiting, Array(10).fill(unavailable('too-busy')));
    assert.equal(under.circuit.state(), 'closed');
    inner.answer(welcome());
    assert.equal((await first).kind, 'authenticated');
    assert.equal(inner.asked.length, 1);
  });
  void test('who waits when the circuit opens is told as soon as a slot is free, and asks nothing', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const all = [under.ask(), under.ask(), under.ask()];
    await settled();
    openUp(under);
    inner.answer(unavailable('upstream-error'));
    await Promise.all(all.slice(0, 1));
    const fresh = guard(inner, 1);
    const queued = [fresh.ask(), fresh.ask(), fresh.ask()];
    await settled();
    openUp(fresh);
    inner.answer(unavailable('timeout'));
    assert.deepEqual((await Promise.all(queued)).slice(1), [CIRCUIT_OPEN, CIRCUIT_OPEN]);
  });
  void test('sign-ins have their own, and reviews do not wait for them', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const signIns = ['a', 'b', 'c'].map((username) => under.ask(reviewOf({ username, isSignIn: true })));
    await settled();
    assert.equal(inner.waiting, 1);
    const review = under.ask();
    await settled();
    assert.equal(inner.waiting, 2);
    await inOrder([1, 2, 3, 4], async () => {
      inner.answer(welcome());
      await settled();
    });
    const verdicts = await Promise.all([...signIns, review]);
    assert.deepEqual(new Set(verdicts.map(({ kind }) => kind)), new Set(['authenticated']));
  });
  void test('a probe that found no slot leaves the next one its chance', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const hung = under.ask();
    await settled();
    openUp(under);
    under.clock.step(1000);
    const deadline = new AbortController();
    const probe = under.ask(reviewOf(), deadline.signal);
    await settled();
    deadline.abort();
    assert.deepEqual(await probe, unavailable('too-busy'));
    inner.answer(unavailable('timeout'));
    await hung;
    const next = under.ask();
    await settled();
    inner.answer(welcome());
    assert.equal((await next).kind, 'authenticated');
  });
  void test('is held until the provider is really done, whenever the caller was answered', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const slow = under.ask();
    await settled();
    under.clock.step(2600);
    t.mock.timers.tick(2500);
    t.mock.timers.tick(100);
    assert.deepEqual(await slow, { ...unavailable('timeout'), isDown: true });
    const queued = under.ask();
    await settled();
    assert.equal(inner.asked.length, 1);
    inner.answer(unavailable('timeout'));
    await settled();
    assert.equal(inner.asked.length, 2);
    inner.answer(welcome());
    assert.equal((await queued).kind, 'authenticated');
  });
  void test('a provider that throws gives its slot back', async () => {
    const under = guard({ authenticate: () => Promise.reject(new TypeError('x')) }, 1);
    await inOrder(Array.from({ length: 5 }), async () => {
      const verdict = await under.ask();
      assert.equal(verdict.kind === 'unavailable' && verdict.reason, 'internal');
    });
  });
});
