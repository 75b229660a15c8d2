// The circuit: opens on failures in a row, lets one probe through, closes on any answer.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Circuit, type CircuitState, circuit } from '../../src/authn/circuit.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';

function circuitOf(): { circuit: Circuit; clock: FakeClock; states: readonly CircuitState[] } {
  const clock = fakeClock();
  const states: CircuitState[] = [];
  return { circuit: circuit({ failures: 3, openMs: 1000 }, clock, (state) => states.push(state)), clock, states };
}

function opened(): ReturnType<typeof circuitOf> {
  const given = circuitOf();
  for (let call = 0; call < 3; call++) {
    given.circuit.allow();
    given.circuit.report('failed');
  }
  return given;
}

function probing(): ReturnType<typeof circuitOf> {
  const given = opened();
  given.clock.step(1000);
  given.circuit.allow();
  return given;
}

void describe('closed', () => {
  void test('stays closed until as many failures in a row', () => {
    const { circuit: under, states } = circuitOf();
    for (const outcome of ['failed', 'failed', 'answered', 'failed', 'failed'] as const) {
      assert.equal(under.allow(), true);
      under.report(outcome);
    }
    assert.equal(under.state(), 'closed');
    under.report('failed');
    assert.deepEqual(states, ['open']);
  });
  void test('is not moved by calls that tell nothing', () => {
    const { circuit: under, states } = circuitOf();
    for (let call = 0; call < 10; call++) under.report(undefined);
    assert.deepEqual(states, []);
  });
});

void describe('open', () => {
  void test('lets nobody through until its time is over, then one', () => {
    const { circuit: under, clock, states } = opened();
    clock.step(999);
    assert.equal(under.allow(), false);
    clock.step(1);
    assert.deepEqual([under.allow(), under.allow(), under.allow()], [true, false, false]);
    assert.deepEqual(states, ['open', 'half-open']);
  });
  void test('closes when a call from before answers', () => {
    const { circuit: under } = opened();
    under.report('answered');
    assert.equal(under.allow(), true);
  });
});

void describe('half-open', () => {
  void test('closes when the probe answers, and counts anew', () => {
    const { circuit: under, states } = probing();
    under.report('answered');
    under.report('failed');
    under.report('failed');
    assert.deepEqual([under.state(), under.allow()], ['closed', true]);
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
  });
  for (const outcome of ['failed', undefined] as const) {
    void test(`opens for the whole time again when the probe ${outcome ?? 'told nothing'}`, () => {
      const { circuit: under, clock } = probing();
      under.report(outcome);
      clock.step(999);
      assert.deepEqual([under.state(), under.allow()], ['open', false]);
      clock.step(1);
      assert.equal(under.allow(), true);
    });
  }
  void test('recovers within seconds, however often the probe failed', () => {
    const { circuit: under, clock } = probing();
    for (let round = 0; round < 100; round++) {
      under.report('failed');
      clock.step(1000);
      assert.equal(under.allow(), true);
    }
    under.report('answered');
    assert.equal(under.state(), 'closed');
  });
});
