// A provider under guard, whose clock, circuit and budget a test sees.

import assert from 'node:assert/strict';
import { createSlots } from '../../src/async/slots.ts';
import { type Circuit, circuit } from '../../src/authn/circuit.ts';
import type { FailedPasswords } from '../../src/authn/failed-passwords.ts';
import { guarded } from '../../src/authn/guarded.ts';
import type { Authenticator, Review } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import { unavailable, type Verdict } from '../../src/core/verdict.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';
import { NEVER_ABORTED, reviewOf } from '../support/reviews.ts';

export interface Under {
  readonly clock: FakeClock;
  readonly circuit: Circuit;
  /** Usernames whose password went through the budget. */
  readonly spent: readonly string[];
  /** How long those reviews waited that found no slot free, in milliseconds. */
  readonly waits: readonly number[];
  ask(review?: Review, signal?: AbortSignal): Promise<Verdict<Decision>>;
}

export function guard(inner: Authenticator<Decision>, concurrency = 2): Under {
  const clock = fakeClock();
  const spent: string[] = [];
  const waits: number[] = [];
  const failedPasswords: FailedPasswords<Decision> = {
    spend: (review, evaluate) => {
      spent.push(review.credential.kind === 'password' ? review.credential.username : '');
      return evaluate(review);
    },
  };
  const breaker = circuit({ failures: 3, recent: 6, openMs: 1000 }, clock, () => undefined);
  const under = guarded(inner, {
    timeoutMs: 2500,
    slots: createSlots(concurrency),
    signInSlots: createSlots(1),
    circuit: breaker,
    failedPasswords,
    clock,
    waited: (durationMs) => waits.push(durationMs),
  });
  const ask = (review = reviewOf(), signal = NEVER_ABORTED) => under.authenticate(review, signal);
  return { clock, circuit: breaker, spent, waits, ask };
}

export function openUp({ circuit: breaker }: Under): void {
  for (const call of [1, 2, 3].map(() => breaker.begin())) call?.end('failed');
  assert.equal(breaker.state(), 'open');
}

export const CIRCUIT_OPEN = { ...unavailable('circuit-open'), isDown: true };
