// One sample for each answer of a provider, and an outage in the log once in a while, by its codes only.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { observed, type ProviderObserver } from '../../src/authn/observed.ts';
import { seldomLog } from '../../src/authn/seldom.ts';
import type { TraceStep } from '../../src/core/authenticator.ts';
import type { Decision } from '../../src/core/identity.ts';
import type { LogFields, LogLevel } from '../../src/core/seams.ts';
import { rejected, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { answering, NEVER_ABORTED, reviewOf, welcome } from '../support/reviews.ts';
import { inOrder } from '../support/settled.ts';

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

function observing(next: () => Verdict<Decision>) {
  const clock = fakeClock();
  const lines: Line[] = [];
  const samples: unknown[] = [];
  const steps: TraceStep[] = [];
  const inner = answering<Decision>(() => {
    clock.step(12.3456);
    return next();
  });
  const observer: ProviderObserver = {
    answered: (provider, verdict, durationMs) => void samples.push([provider, verdict, Math.round(durationMs)]),
  };
  const log = (level: LogLevel, message: string, fields: LogFields = {}) => void lines.push({ level, message, fields });
  const under = observed('corp', inner, observer, { clock, log, seldom: seldomLog(log, clock).log });
  const ask = () => under.authenticate(reviewOf({ trace: (step) => steps.push(step) }), NEVER_ABORTED);
  return { ask, clock, samples, steps, lines, warnings: () => lines.filter(({ level }) => level === 'warn') };
}

void describe('every answer', () => {
  for (const verdict of [welcome(), rejected('wrong-password', 'rule 1'), unavailable('timeout')]) {
    void test(`${verdict.kind} passes unchanged, with one sample and one step`, async () => {
      const { ask, samples, steps, lines } = observing(() => verdict);
      assert.equal(await ask(), verdict);
      assert.deepEqual(samples, [['corp', verdict, 12]]);
      assert.equal(steps.length, 1);
      const debug = lines.filter(({ level }) => level === 'debug');
      assert.deepEqual(
        debug.map(({ fields }) => fields['durationMs']),
        [12.346],
      );
    });
  }
  void test('no line holds the credential', async () => {
    const { ask, lines } = observing(() => unavailable('timeout', 'ldaps://dc1', new Error('alice:wonderland')));
    await ask();
    assert.doesNotMatch(JSON.stringify(lines), /alice|wonderland/);
  });
});

void describe('an outage', () => {
  void test('is one line with what it means and what to do', async () => {
    const cause = Object.assign(new Error('connect alice:wonderland'), { code: 'ECONNREFUSED' });
    const { ask, warnings } = observing(() => unavailable('connection-refused', 'ldaps://dc1:636', cause));
    await ask();
    assert.deepEqual(warnings(), [
      {
        level: 'warn',
        message: 'provider unavailable',
        fields: {
          id: 'review-1',
          provider: 'corp',
          reason: 'connection-refused',
          detail: 'ldaps://dc1:636',
          code: 'ECONNREFUSED',
          meaning: 'Nothing listens at the upstream address.',
          next: 'Start the upstream; check host and port.',
        },
      },
    ]);
  });
  const causes: { name: string; given: unknown; want: string | undefined }[] = [
    { name: 'an error without a code', given: new RangeError('secret'), want: 'RangeError' },
    { name: 'a code that is no text', given: Object.assign(new Error('secret'), { code: 49 }), want: 'Error' },
    { name: 'no error', given: { secret: 1 }, want: undefined },
    { name: 'nothing', given: undefined, want: undefined },
  ];
  for (const { name, given, want } of causes) {
    void test(`caused by ${name} is told by its code alone`, async () => {
      const { ask, warnings } = observing(() => unavailable('timeout', undefined, given));
      await ask();
      assert.equal(warnings()[0]?.fields['code'], want);
      assert.doesNotMatch(JSON.stringify(warnings()), /secret/);
    });
  }
  void test('that goes on is told every ten seconds, with how many were left out', async () => {
    const { ask, clock, warnings } = observing(() => unavailable('timeout'));
    await inOrder(Array.from({ length: 500 }), ask);
    assert.equal(warnings().length, 1);
    clock.step(10_000);
    await ask();
    await ask();
    assert.deepEqual(
      warnings().map(({ fields }) => fields['suppressed']),
      [undefined, 499],
    );
  });
  void test('of another reason is told at once', async () => {
    const reasons = ['timeout', 'tls-failed', 'timeout'] as const;
    let call = 0;
    const { ask, warnings } = observing(() => unavailable(reasons[call++] ?? 'timeout'));
    await inOrder(reasons, ask);
    assert.deepEqual(
      warnings().map(({ fields }) => fields['reason']),
      ['timeout', 'tls-failed'],
    );
  });
  void test('a refusal is no warning', async () => {
    const { ask, warnings } = observing(() => rejected('wrong-password'));
    await ask();
    assert.deepEqual(warnings(), []);
  });
});
