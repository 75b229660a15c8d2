// Verdicts handed from broker to broker: the same verdict within its time, and nothing that somebody else put there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asker } from '../../src/stores/questions.ts';
import { type Final, MAX_VALUE_BYTES, sharedVerdicts } from '../../src/stores/shared-verdicts.ts';
import { fakeClock, settled } from '../support/fake-clock.ts';
import { counted, memoryStore, SEALER } from './setup.ts';

const ALICE: Final = {
  kind: 'authenticated',
  value: { identity: { username: 'ldap:alice', groups: ['dev'], extra: { 'example.org/a': ['1'] } }, audiences: ['k'] },
  by: 'ldap',
};
const REFUSED: Final = { kind: 'rejected', reason: 'wrong-password', by: 'ldap' };

function world() {
  const store = memoryStore();
  const clock = fakeClock();
  const observer = counted();
  const connection = { current: () => store, drop: () => undefined };
  const broker = () =>
    sharedVerdicts({
      ask: asker({ connection, observer, clock, timeoutMs: 1000 }),
      sealer: SEALER,
      clock,
      keyPrefix: 'kab:',
    });
  return { store, clock, observer, a: broker(), b: broker() };
}

void describe('a shared verdict', () => {
  for (const verdict of [ALICE, REFUSED]) {
    void test(`${verdict.kind} is found by another broker until its time is over`, async () => {
      const { clock, a, b } = world();
      const freshUntil = clock.now() + 60_000;
      a.keep('fingerprint', { verdict, freshUntil });
      await settled();
      const found = await b.find('fingerprint');
      assert.deepEqual(JSON.parse(JSON.stringify(found)), { verdict, freshUntil });
      clock.step(60_000);
      assert.equal(await b.find('fingerprint'), undefined);
    });
  }

  void test('lies under a name that tells nothing, and shows nothing', async () => {
    const { store, clock, a } = world();
    a.keep('fingerprint', { verdict: ALICE, freshUntil: clock.now() + 1000 });
    await settled();
    const [[key, value] = ['', '']] = [...store.values];
    assert.match(key, /^kab:verdict:[\w-]{43}$/);
    assert.ok(!`${key}${value}${Buffer.from(value, 'base64url').toString('latin1')}`.includes('alice'));
  });

  const hostile: { name: string; put: (value: string) => string }[] = [
    { name: 'cut off', put: (value) => value.slice(0, -1) },
    { name: 'invented', put: () => JSON.stringify({ verdict: ALICE, freshUntil: 9e15 }) },
    { name: 'too long to be one', put: () => 'x'.repeat(MAX_VALUE_BYTES + 1) },
  ];
  for (const { name, put } of hostile) {
    void test(`that is ${name} is none, and counts as rejected`, async () => {
      const { store, clock, observer, a, b } = world();
      a.keep('fingerprint', { verdict: ALICE, freshUntil: clock.now() + 1000 });
      await settled();
      for (const [key, value] of store.values) store.values.set(key, put(value));
      assert.equal(await b.find('fingerprint'), undefined);
      assert.equal(observer.results.at(-1), 'verdict_get/rejected');
    });
  }

  void test('moved from one fingerprint to another is none', async () => {
    const { store, clock, a, b } = world();
    a.keep('alice', { verdict: ALICE, freshUntil: clock.now() + 1000 });
    await settled();
    const [value = ''] = store.values.values();
    a.keep('mallory', { verdict: REFUSED, freshUntil: clock.now() + 1000 });
    await settled();
    const [, key = ''] = store.values.keys();
    store.values.set(key, value);
    assert.equal(await b.find('mallory'), undefined);
  });

  void test('whose time is over, or whose identity is too large, is not handed on', async () => {
    const { store, clock, a } = world();
    a.keep('over', { verdict: ALICE, freshUntil: clock.now() });
    const groups = Array.from({ length: 1000 }, (_, index) => `${index}-${'x'.repeat(90)}`);
    const large: Final = { ...ALICE, value: { identity: { username: 'u', groups, extra: {} } } };
    a.keep('large', { verdict: large, freshUntil: clock.now() + 1000 });
    await settled();
    assert.equal(store.values.size, 0);
  });
});
