// The circuit: opens when calls begun after the last answer fail, and most recent ones too; lets one probe through.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Call, type CallEnd, type Circuit, type CircuitState, circuit } from '../../src/authn/circuit.ts';
import { type FakeClock, fakeClock } from '../support/fake-clock.ts';

const SETTINGS = { failures: 3, recent: 8, openMs: 1000 };

interface Under {
  readonly circuit: Circuit;
  readonly clock: FakeClock;
  readonly states: readonly CircuitState[];
  /** One call after the other, a millisecond apart. */
  calls(...ends: readonly CallEnd[]): void;
  begin(): Call;
}

function circuitOf(): Under {
  const clock = fakeClock();
  const states: CircuitState[] = [];
  const under = circuit(SETTINGS, clock, (state) => states.push(state));
  const begin = (): Call => {
    const call = under.begin();
    assert.ok(call);
    return call;
  };
  const calls = (...ends: readonly CallEnd[]): void => {
    for (const end of ends) {
      clock.step(1);
      begin().end(end);
    }
  };
  return { circuit: under, clock, states, calls, begin };
}

function opened(): Under {
  const under = circuitOf();
  under.calls('failed', 'failed', 'failed', 'failed');
  assert.equal(under.circuit.state(), 'open');
  return under;
}

const times = (count: number, end: CallEnd): readonly CallEnd[] => Array.from({ length: count }, () => end);

void describe('closed', () => {
  const rows = [
    { name: 'opens when the recent calls have failed', given: times(4, 'failed'), want: 'open' },
    { name: 'stays closed while too few calls are known', given: times(3, 'failed'), want: 'closed' },
    {
      name: 'stays closed when an answer came in between',
      given: ['failed', 'failed', 'answered', 'failed', 'failed'],
      want: 'closed',
    },
    {
      name: 'stays closed while the smaller share has failed',
      given: [...times(5, 'answered'), ...times(3, 'failed')],
      want: 'closed',
    },
    {
      name: 'opens when half of the recent calls have failed',
      given: [...times(50, 'answered'), ...times(4, 'failed')],
      want: 'open',
    },
    { name: 'is not moved by calls that tell nothing', given: times(20, undefined), want: 'closed' },
  ] as const;
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const under = circuitOf();
      under.calls(...given);
      assert.equal(under.circuit.state(), want);
    });
  }
  void test('does not open on the slow ones of a burst, which end last', () => {
    const under = circuitOf();
    for (let burst = 0; burst < 10; burst += 1) {
      under.clock.step(100);
      const all = Array.from({ length: 100 }, () => under.begin());
      under.clock.step(50);
      for (const call of all.slice(5)) call.end('answered');
      under.clock.step(2450);
      for (const call of all.slice(0, 5)) call.end('failed');
      assert.equal(under.circuit.state(), 'closed');
    }
  });
  void test('opens on a burst of which nothing came back', () => {
    const under = circuitOf();
    under.calls('answered');
    under.clock.step(1);
    const all = Array.from({ length: 8 }, () => under.begin());
    under.clock.step(1000);
    for (const call of all) call.end('failed');
    assert.deepEqual(under.states, ['open']);
  });
});

void describe('open', () => {
  void test('lets no call through until its time is over, then one', () => {
    const { circuit: under, clock, states } = opened();
    clock.step(999);
    assert.deepEqual([under.isPassable(), under.begin()], [false, undefined]);
    clock.step(1);
    assert.equal(under.isPassable(), true);
    assert.deepEqual(
      [under.begin(), under.begin(), under.begin()].map((call) => call !== undefined),
      [true, false, false],
    );
    assert.equal(under.isPassable(), false);
    assert.deepEqual(states, ['open', 'half-open']);
  });
  void test('closes when a call from before answers', () => {
    const under = circuitOf();
    const early = under.begin();
    under.calls(...times(4, 'failed'));
    early.end('answered');
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('is not prolonged by a call from before that fails', () => {
    const under = circuitOf();
    const early = under.begin();
    under.calls(...times(4, 'failed'));
    under.clock.step(1000);
    early.end('failed');
    assert.equal(under.circuit.isPassable(), true);
  });
});

const probing = (): Under & { readonly probe: Call } => {
  const under = opened();
  under.clock.step(1000);
  return { ...under, probe: under.begin() };
};

void describe('half-open', () => {
  void test('closes when the probe answers, and counts anew', () => {
    const under = probing();
    under.probe.end('answered');
    under.calls('failed', 'failed');
    assert.equal(under.circuit.state(), 'closed');
    assert.deepEqual(under.states, ['open', 'half-open', 'closed']);
  });
  for (const end of ['failed', undefined] as const) {
    void test(`opens for the whole time again when the probe ${end ?? 'told nothing'}`, () => {
      const { circuit: under, clock, probe } = probing();
      probe.end(end);
      clock.step(999);
      assert.deepEqual([under.state(), under.isPassable()], ['open', false]);
      clock.step(1);
      assert.equal(under.isPassable(), true);
    });
  }
  void test('a probe that ends after a call from before has answered changes nothing', () => {
    const under = circuitOf();
    const early = under.begin();
    under.calls(...times(4, 'failed'));
    under.clock.step(1000);
    const probe = under.begin();
    early.end('answered');
    probe.end('failed');
    assert.equal(under.circuit.state(), 'closed');
  });
  void test('recovers within seconds, however often the probe failed', () => {
    const under = probing();
    under.probe.end('failed');
    for (let round = 0; round < 100; round += 1) {
      under.clock.step(1000);
      under.begin().end('failed');
    }
    under.clock.step(1000);
    under.begin().end('answered');
    assert.equal(under.circuit.state(), 'closed');
  });
});
