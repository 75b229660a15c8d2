// One provider cannot hurt anybody else: budget, circuit, slots and deadline, in that order, and given back.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { bulkhead } from '../../src/async/slots.ts';
import { type Circuit, circuit } from '../../src/authn/circuit.ts';
import type { FailedPasswords } from '../../src/authn/failed-passwords.ts';
import { guarded } from '../../src/authn/guarded.ts';
import type { Authenticator, Review } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { type FakeClock, fakeClock, settled } from '../support/fake-clock.ts';
import { answering, held, NEVER_ABORTED, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

interface Under {
  readonly clock: FakeClock;
  readonly circuit: Circuit;
  /** Usernames whose password went through the budget. */
  readonly spent: readonly string[];
  ask(review?: Review, signal?: AbortSignal): Promise<Verdict<Decision>>;
}

function guard(inner: Authenticator<Decision>, concurrency = 2): Under {
  const clock = fakeClock();
  const spent: string[] = [];
  const failedPasswords: FailedPasswords<Decision> = {
    spend: (credential, evaluate) => {
      spent.push(credential.username);
      return evaluate();
    },
  };
  const breaker = circuit({ failures: 3, openMs: 1000 }, clock, () => undefined);
  const guards = { timeoutMs: 2500, bulkhead: bulkhead(concurrency, 50), circuit: breaker, failedPasswords };
  const under = guarded(inner, guards);
  const ask = (review = reviewOf(), signal = NEVER_ABORTED) => under.authenticate(review, signal);
  return { clock, circuit: breaker, spent, ask };
}

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
    assert.deepEqual(await under.ask(), unavailable('circuit-open'));
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
    assert.deepEqual(await under.ask(), unavailable('circuit-open'));
    inner.answer(welcome());
    assert.equal((await probe).kind, 'authenticated');
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('a review that was cut short says nothing about the upstream', async () => {
    const under = failing(unavailable('timeout'));
    await inOrder([1, 2, 3, 4], () => under.ask(reviewOf(), AbortSignal.abort()));
    assert.equal(under.circuit.state(), 'closed');
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
    for (let failure = 0; failure < 3; failure++) under.circuit.report('failed');
    under.clock.step(1000);
    const probe = under.ask();
    await settled();
    inner.answer(unavailable('timeout'));
    await late;
    assert.equal(under.circuit.state(), 'half-open');
    under.clock.step(1000);
    assert.deepEqual(await under.ask(), unavailable('circuit-open'));
    inner.answer(welcome());
    await probe;
    assert.equal(under.circuit.state(), 'closed');
  });
});

void describe('the slots', () => {
  void test('more reviews than slots and queue are too busy at once', async () => {
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const running = [under.ask(), under.ask()];
    await settled();
    assert.deepEqual(await under.ask(), unavailable('too-busy'));
    assert.equal(inner.asked.length, 1);
    inner.answer(welcome());
    await settled();
    inner.answer(welcome());
    assert.deepEqual(
      (await Promise.all(running)).map(({ kind }) => kind),
      ['authenticated', 'authenticated'],
    );
  });
  void test('a probe that found no slot leaves the next one its chance', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const inner = held<Decision>();
    const under = guard(inner, 1);
    const hung = under.ask();
    for (let failure = 0; failure < 3; failure++) under.circuit.report('failed');
    under.clock.step(1000);
    const probe = under.ask();
    await settled();
    t.mock.timers.tick(50);
    assert.deepEqual(await probe, unavailable('too-busy'));
    inner.answer(welcome());
    await hung;
    under.clock.step(1000);
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
    t.mock.timers.tick(2500);
    t.mock.timers.tick(100);
    assert.deepEqual(await slow, unavailable('timeout'));
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
