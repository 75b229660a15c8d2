// One provider cannot hurt anybody else: budget, circuit, slots and deadline, in that order, and given back.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Decision } from '../../src/core/identity.ts';
import { rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { answering, held, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

import { CIRCUIT_OPEN, guard, openUp } from './guarded-setup.ts';

const failing = (verdict: Verdict<Decision>) => guard(answering(verdict));

void describe('the verdict', () => {
  for (const verdict of [welcome(), rejected('wrong-password'), unavailable('upstream-error', 'x')]) {
    void test(`${verdict.kind} passes unchanged`, async () => {
      const inner = answering<Decision>(verdict);
      assert.equal(await guard(inner).ask(reviewOf({ token: 'x' })), verdict);
      assert.equal(inner.asked.length, 1);
    });
  }
  void test('only passwords go through the budget', async () => {
    const under = guard(answering<Decision>(welcome()));
    await under.ask(reviewOf({ token: 'x' }));
    await under.ask(reviewOf({ username: 'bob' }));
    assert.deepEqual(under.spent, ['bob']);
  });
});

void describe('the circuit', () => {
  void test('opens on failures of the transport, and then nobody is asked', async () => {
    const inner = answering<Decision>(unavailable('timeout'));
    const under = guard(inner);
    await inOrder([1, 2, 3], () => under.ask());
    assert.deepEqual(await under.ask(), CIRCUIT_OPEN);
    assert.equal(inner.asked.length, 3);
  });
  const harmless = [rejected('wrong-password'), unavailable('upstream-error'), unavailable('rate-limited'), welcome()];
  for (const verdict of harmless) {
    void test(`does not open on ${verdict.kind === 'authenticated' ? 'ok' : verdict.reason}`, async () => {
      const under = failing(verdict);
      await inOrder([1, 2, 3, 4], () => under.ask());
      assert.equal(under.circuit.state(), 'closed');
    });
  }
  void test('one probe alone finds out that the upstream is back', async () => {
    const inner = held<Decision>();
    const under = guard(inner);
    await inOrder([1, 2, 3], async () => {
      const verdict = under.ask();
      await settled();
      inner.answer(unavailable('connection-refused'));
      return verdict;
    });
    under.clock.step(1000);
    const probe = under.ask();
    await settled();
    assert.deepEqual(await under.ask(), CIRCUIT_OPEN);
    inner.answer(welcome());
    assert.equal((await probe).kind, 'authenticated');
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('a review that was cut short says nothing about the upstream', async () => {
    const inner = held<Decision>();
    const under = guard(inner);
    const verdicts = await inOrder([1, 2, 3, 4], async () => {
      const deadline = new AbortController();
      const verdict = under.ask(reviewOf(), deadline.signal);
      await settled();
      under.clock.step(499);
      deadline.abort();
      inner.answer(unavailable('timeout'));
      return verdict;
    });
    assert.deepEqual(verdicts, Array(4).fill(unavailable('timeout')));
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('nor does what the provider found out by itself, such as that all its connections are in use', async () => {
    const under = guard(answering<Decision>(unavailable('too-busy')));
    await inOrder([1, 2, 3, 4], () => under.ask());
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('nor does what the account was spared: not that it is down, and not that it is back', async () => {
    await inOrder([rejected('wrong-password'), unavailable('timeout')], async (spared) => {
      const under = guard({ authenticate: async ({ spendOn }) => (await spendOn?.('a')) ?? welcome() });
      const review = { ...reviewOf(), spendOn: async () => spared };
      await inOrder([1, 2, 3, 4], async () => assert.deepEqual(await under.ask(review), spared));
      assert.equal(under.circuit.state(), 'closed');
      openUp(under);
      under.clock.step(1000);
      await under.ask(review);
      assert.equal(under.circuit.state(), 'open');
    });
  });
  void test('an outage of the transport is told as one of the upstream, and no other', async () => {
    assert.deepEqual(await failing(unavailable('timeout')).ask(), { ...unavailable('timeout'), isDown: true });
    await inOrder(['upstream-error', 'too-busy', 'rate-limited'] as const, async (reason) => {
      assert.deepEqual(await failing(unavailable(reason)).ask(), unavailable(reason));
    });
  });
  void test('a review whose deadline is shorter than the provider`s still finds out that the upstream hangs', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const inner = held<Decision>();
    const under = guard(inner);
    await inOrder([1, 2, 3], async () => {
      const deadline = new AbortController();
      const verdict = under.ask(reviewOf(), deadline.signal);
      await settled();
      t.mock.timers.tick(1000);
      under.clock.step(1000);
      deadline.abort();
      inner.answer(unavailable('timeout'));
      return verdict;
    });
    assert.equal(under.circuit.state(), 'open');
  });
  void test('what was asked before it opened cannot end a probe that is under way', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 3);
    const late = under.ask();
    await settled();
    openUp(under);
    under.clock.step(1000);
    const probe = under.ask();
    await settled();
    inner.answer(unavailable('timeout'));
    await late;
    assert.equal(under.circuit.state(), 'half-open');
    under.clock.step(1000);
    assert.deepEqual(await under.ask(), CIRCUIT_OPEN);
    inner.answer(welcome());
    await probe;
    assert.equal(under.circuit.state(), 'closed');
  });
});
