// Lines that repeat: the first at once, the last when its time is over, and every other in the count of one of them.

import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as fc from 'fast-check';
import { seldomLog } from '../../src/authn/seldom.ts';
import type { Log } from '../../src/core/seams.ts';

/** A log that keeps what is written, on the clock and the timers of the test. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const written: (readonly [message: string, id: unknown, suppressed: unknown])[] = [];
  const log: Log = (_, message, fields = {}) => void written.push([message, fields['id'], fields['suppressed']]);
  const lines = seldomLog(log, { monotonicMs: () => nowMs });
  const pass = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  return { lines, written, pass, say: (kind: string, id: number) => lines.log(kind, 'warn', 'it is down', { id }) };
}

void describe('a line that repeats', () => {
  void test('is written at once, then when its time is over, with how many were left out before it', (t) => {
    const { say, written, pass } = setUp(t);
    for (const id of [1, 2, 3, 4]) say('timeout', id);
    assert.deepEqual(written, [['it is down', 1, undefined]]);
    pass(9999);
    assert.equal(written.length, 1);
    pass(1);
    assert.deepEqual(written.slice(1), [['it is down', 4, 2]]);
  });

  void test('of another kind or with another message waits for none', (t) => {
    const { say, lines, written } = setUp(t);
    say('timeout', 1);
    say('tls-failed', 2);
    lines.log('timeout', 'warn', 'groups dropped', { id: 3 });
    assert.deepEqual(
      written.map(([, id]) => id),
      [1, 2, 3],
    );
  });

  void test('may have a time of its own', (t) => {
    const { lines, written, pass } = setUp(t);
    for (const id of [1, 2]) lines.log('subject', 'warn', 'no key', { id }, 60_000);
    pass(10_000);
    assert.equal(written.length, 1);
    pass(50_000);
    assert.deepEqual(written[1], ['no key', 2, undefined]);
  });

  void test('that is held back is written at the end; what comes later is written at once', (t) => {
    const { say, lines, written } = setUp(t);
    for (const id of [1, 2, 3]) say('timeout', id);
    lines.close();
    say('timeout', 4);
    assert.deepEqual(written, [
      ['it is down', 1, undefined],
      ['it is down', 3, 1],
      ['it is down', 4, undefined],
    ]);
  });

  void test('is counted, whenever it comes: no line is lost, none is counted twice', (t) => {
    const step = fc.oneof(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 12_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { say, lines, written, pass } = setUp(t);
        for (const each of steps)
          if (typeof each === 'string') say(each, 0);
          else pass(each);
        lines.close();
        const told = written.reduce((sum, [, , suppressed]) => sum + 1 + Number(suppressed ?? 0), 0);
        t.mock.timers.reset();
        assert.equal(told, steps.filter((each) => typeof each === 'string').length);
      }),
    );
  });
});
