// What every authenticator must do, whatever it is made of; the test of each wrapper calls this.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { Authenticator } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { abstained, rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { settled } from '../support/fake-clock.ts';
import { answering, type FakeAuthenticator, reviewOf, welcome } from '../support/reviews.ts';
import { activeResources, releasedSince } from '../support/settled.ts';

export interface AuthenticatorContract {
  readonly name: string;
  /** A new one around `inner`, with nothing in the way of a review of `alice:wonderland`. */
  readonly around: (inner: Authenticator<Decision>) => Authenticator<Decision>;
  /** It settles by its own deadline, because it belongs to no caller. */
  readonly outlivesCaller?: true;
}

const VERDICTS: readonly Verdict<Decision>[] = [
  welcome('alice', Date.now() + 60_000),
  abstained('unknown-user', 'a detail'),
  rejected('wrong-password'),
  unavailable('timeout'),
];

/** Registers the suite. */
export function authenticatorContract({ name, around, outlivesCaller }: AuthenticatorContract): void {
  const ask = (inner: FakeAuthenticator<Decision>, review = reviewOf(), signal = new AbortController().signal) =>
    around(inner).authenticate(review, signal);

  void describe(`${name} keeps the authenticator contract`, () => {
    for (const verdict of VERDICTS) {
      void test(`hands ${verdict.kind} on: kind, value, reason, detail and end`, async () => {
        // What the wrappers add for one another.
        const {
          by: _by,
          providers: _providers,
          down: _down,
          isDown: _isDown,
          proof: _proof,
          ...given
        } = {
          providers: undefined,
          down: undefined,
          isDown: undefined,
          proof: undefined,
          ...(await ask(answering(verdict))),
        };
        assert.deepEqual(given, verdict);
      });
    }

    void test('asks once, for the very review: id, endpoint, credential, audiences and fingerprint', async () => {
      const inner = answering<Decision>(welcome());
      const review = reviewOf({ id: 'r-7', audiences: ['a', 'b'], endpoint: { path: '/x', audiences: ['a'] } });
      const before = inspect(review, { depth: 9 });
      await ask(inner, review);
      assert.equal(inner.asked.length, 1);
      const { spendOn: _spendOn, onDecided: _onDecided, ...asked } = inner.asked[0] ?? {};
      assert.deepEqual(asked, review);
      assert.equal(inspect(review, { depth: 9 }), before, 'the review itself is not changed');
    });

    void test('leaves no timer, socket or listener behind', async () => {
      const before = activeResources();
      const { signal } = new AbortController();
      let listeners = 0;
      const counted = new Proxy(signal, {
        get: (target, key) => {
          if (key === 'addEventListener') listeners += 1;
          if (key === 'removeEventListener') listeners -= 1;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      await ask(answering<Decision>(welcome()), reviewOf(), counted);
      assert.equal(listeners, 0);
      await releasedSince(before);
    });

    void test('is answered when the caller leaves, and tells the inner one to stop', {
      skip: outlivesCaller,
    }, async () => {
      const leaving = new AbortController();
      const inner = answering<Decision>(
        (_review, signal) =>
          new Promise((resolve) => signal.addEventListener('abort', () => resolve(unavailable('timeout')))),
      );
      const verdict = ask(inner, reviewOf(), leaving.signal);
      await settled();
      leaving.abort();
      assert.equal((await verdict).kind, 'unavailable');
    });

    void test('never authenticates who was not, when the caller has left before', async () => {
      const inner = answering<Decision>((_review, signal) =>
        signal.aborted ? unavailable('timeout') : rejected('forbidden'),
      );
      assert.notEqual((await ask(inner, reviewOf(), AbortSignal.abort())).kind, 'authenticated');
    });

    void test('50 concurrent reviews do not mix', async () => {
      const under = around(
        answering<Decision>(async ({ credential }) => {
          await settled();
          return welcome(credential.kind === 'password' ? credential.username : 'nobody');
        }),
      );
      const names = Array.from({ length: 50 }, (_, index) => `user-${index}`);
      const verdicts = await Promise.all(
        names.map((username) => under.authenticate(reviewOf({ username }), new AbortController().signal)),
      );
      assert.deepEqual(
        verdicts.map((verdict) => verdict.kind === 'authenticated' && verdict.value.identity.username),
        names,
      );
    });
  });
}

/** For those that stand between a provider and everybody else: what throws is a bug, and an answer all the same. */
export function containsBugs({ name, around }: AuthenticatorContract): void {
  void describe(`${name} turns a bug into a verdict`, () => {
    const bugs: { name: string; given: Authenticator<Decision> }[] = [
      { name: 'a rejected promise', given: { authenticate: () => Promise.reject(new TypeError('canary')) } },
      {
        name: 'a thrown error',
        given: {
          authenticate: () => {
            throw new TypeError('canary');
          },
        },
      },
    ];
    for (const { name: bug, given } of bugs) {
      void test(bug, async () => {
        const verdict = await around(given).authenticate(reviewOf(), new AbortController().signal);
        assert.ok(verdict.kind === 'unavailable');
        assert.deepEqual([verdict.reason, verdict.detail], ['internal', 'TypeError']);
      });
    }
  });
}
