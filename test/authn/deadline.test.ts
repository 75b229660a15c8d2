// One absolute deadline: it settles whatever the lookup does, aborts it first, and leaves no timer.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { withDeadline } from '../../src/authn/deadline.ts';
import { unavailable, type Verdict } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { welcome } from '../support/reviews.ts';
import { activeResources } from '../support/settled.ts';

const DEADLINE = { timeoutMs: 1000, graceMs: 100 };
const never = (): Promise<Verdict<never>> => new Promise(() => undefined);

async function stateOf(promise: Promise<unknown>): Promise<unknown> {
  await settled();
  return Promise.race([promise, Promise.resolve('pending')]);
}

void describe('in time', () => {
  void test('the verdict is handed on unchanged, and no timer is left', async () => {
    const before = activeResources();
    const verdict = welcome();
    assert.equal(await withDeadline(async () => verdict, DEADLINE, new AbortController().signal), verdict);
    assert.deepEqual(activeResources(), before);
  });
  void test('its signal is not aborted', async () => {
    let seen: AbortSignal | undefined;
    await withDeadline(async (signal) => {
      seen = signal;
      return welcome();
    }, DEADLINE);
    assert.equal(seen?.aborted, false);
  });
});

void describe('a bug', () => {
  const rows: { name: string; given: () => Promise<Verdict<never>>; detail: string }[] = [
    { name: 'a rejected promise', given: () => Promise.reject(new RangeError('secret')), detail: 'RangeError' },
    {
      name: 'a thrown error',
      given: () => {
        throw new TypeError('secret');
      },
      detail: 'TypeError',
    },
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- that is what the row is about
    { name: 'a rejection without an error', given: () => Promise.reject('secret'), detail: 'not an error' },
  ];
  for (const { name, given, detail } of rows) {
    void test(`${name} is unavailable (internal), and its message is not told`, async () => {
      const verdict = await withDeadline(given, DEADLINE);
      assert.ok(verdict.kind === 'unavailable');
      assert.deepEqual([verdict.reason, verdict.detail], ['internal', detail]);
    });
  }
});

void describe('too late', () => {
  void test('the lookup is aborted, and may name its reason within the grace', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const reason = unavailable('tls-failed');
    const run = (signal: AbortSignal) =>
      new Promise<Verdict<never>>((resolve) => {
        signal.addEventListener('abort', () => setTimeout(() => resolve(reason), 99));
      });
    const verdict = withDeadline(run, DEADLINE);
    t.mock.timers.tick(999);
    assert.equal(await stateOf(verdict), 'pending');
    t.mock.timers.tick(1);
    t.mock.timers.tick(99);
    assert.equal(await verdict, reason);
  });
  void test('a lookup that ignores the abort is a timeout', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const verdict = withDeadline(never, DEADLINE);
    t.mock.timers.tick(1000);
    t.mock.timers.tick(99);
    assert.equal(await stateOf(verdict), 'pending');
    t.mock.timers.tick(1);
    assert.deepEqual(await verdict, unavailable('timeout'));
  });
  void test('a rejection after that harms nobody', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const late = Promise.withResolvers<Verdict<never>>();
    const verdict = withDeadline(() => late.promise, DEADLINE);
    t.mock.timers.tick(1000);
    t.mock.timers.tick(100);
    late.reject(new Error('late'));
    assert.deepEqual(await verdict, unavailable('timeout'));
    await settled();
  });
});

void describe('the caller leaves', () => {
  void test('the lookup is aborted then, and has the grace', async (t: TestContext) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const parent = new AbortController();
    let inner: AbortSignal | undefined;
    const run = (signal: AbortSignal) => {
      inner = signal;
      return never();
    };
    const verdict = withDeadline(run, DEADLINE, parent.signal);
    t.mock.timers.tick(500);
    parent.abort();
    assert.equal(inner?.aborted, true);
    t.mock.timers.tick(100);
    assert.deepEqual(await verdict, unavailable('timeout'));
  });
  void test('who has left before is run with an aborted signal', async () => {
    const verdict = await withDeadline(
      async (signal) => unavailable(signal.aborted ? 'stopping' : 'internal'),
      DEADLINE,
      AbortSignal.abort(),
    );
    assert.deepEqual(verdict, unavailable('stopping'));
  });
});
