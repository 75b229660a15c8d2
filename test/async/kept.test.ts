// A kept value: who waits, who is served, and what a failure changes.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Kept, kept, type Loaded } from '../../src/async/kept.ts';
import { steppingClock } from '../support/seams.ts';

const FOREVER = new AbortController().signal;
const [RENEW_MS, SERVE_MS, PAUSE_MS] = [100, 150, 10];

interface World {
  readonly source: Kept<number, string>;
  readonly step: (ms: number) => void;
  /** How many loads began. */
  begun(): number;
  /** Ends the load under way, and lets its readers see it. */
  end(loaded: Loaded<number, string>): Promise<void>;
  /** `value before` of every load that ended. */
  readonly told: readonly unknown[];
}

function world(): World {
  const clock = steppingClock();
  const told: unknown[] = [];
  let begun = 0;
  let finish: ((loaded: Loaded<number, string>) => void) | undefined;
  const source = kept<number, string>({
    load: (signal) => {
      begun += 1;
      return new Promise((resolve) => {
        finish = resolve;
        signal.addEventListener('abort', () => resolve({ failure: 'aborted' }));
      });
    },
    timeoutMs: 60_000,
    monotonicMs: () => clock.monotonicMs(),
    renewAfterMs: () => RENEW_MS,
    serveForMs: () => SERVE_MS,
    pauseMs: (failures) => failures * PAUSE_MS,
    tooLate: 'too late',
    onLoaded: (loaded, before) => told.push([loaded, before]),
  });
  return {
    source,
    step: (ms) => clock.step(ms),
    begun: () => begun,
    end: async (loaded) => {
      finish?.(loaded);
      await new Promise((resolve) => setImmediate(resolve));
    },
    told,
  };
}

/** What a reader gets: the value, or the failure. */
async function read({ source }: World, signal = FOREVER): Promise<unknown> {
  const loaded = await source.current(signal);
  return 'value' in loaded ? loaded.value : loaded.failure;
}

async function holding(value = 1): Promise<World> {
  const made = world();
  const first = read(made);
  await made.end({ value });
  assert.equal(await first, value);
  return made;
}

void describe('a kept value', () => {
  void test('is loaded once for all who need it first', async () => {
    const made = world();
    assert.equal(made.begun(), 0, 'nothing is loaded before it is needed');
    const readers = Promise.all([read(made), read(made), read(made)]);
    await made.end({ value: 7 });
    assert.deepEqual(await readers, [7, 7, 7]);
    assert.equal(made.begun(), 1);
  });

  void test('is waited for until the signal aborts, and the load goes on', async () => {
    const made = world();
    assert.equal(await read(made, AbortSignal.abort()), 'too late');
    await made.end({ value: 7 });
    assert.equal(await read(made), 7);
    assert.equal(made.begun(), 1);
  });

  void test('is renewed beside its readers', async () => {
    const made = await holding();
    made.step(RENEW_MS - 1);
    assert.equal(await read(made), 1);
    assert.equal(made.begun(), 1);
    made.step(1);
    assert.deepEqual([await read(made), await read(made)], [1, 1], 'the reader who starts it does not wait');
    assert.equal(made.begun(), 2);
    await made.end({ value: 2 });
    assert.equal(await read(made), 2);
  });

  void test('serves on while it cannot be had, and is tried again after each pause', async () => {
    const made = await holding();
    made.step(RENEW_MS);
    await read(made);
    await made.end({ failure: 'down' });
    made.step(PAUSE_MS - 1);
    assert.equal(await read(made), 1);
    assert.equal(made.begun(), 2);
    made.step(1);
    assert.equal(await read(made), 1);
    assert.equal(made.begun(), 3);
  });

  void test('serves nobody past its time: readers wait for a new one', async () => {
    const made = await holding();
    made.step(SERVE_MS);
    const reader = read(made);
    await made.end({ value: 2 });
    assert.equal(await reader, 2);
  });

  void test('that could not be had is not asked for again within the pause, which grows', async () => {
    const made = world();
    for (const failures of [1, 2, 3]) {
      const reader = read(made);
      // oxlint-disable-next-line no-await-in-loop -- one after another
      await made.end({ failure: `failure ${failures}` });
      // oxlint-disable-next-line no-await-in-loop -- one after another
      assert.equal(await reader, `failure ${failures}`);
      made.step(failures * PAUSE_MS - 1);
      // oxlint-disable-next-line no-await-in-loop -- one after another
      assert.equal(await read(made), `failure ${failures}`, 'the answer is at hand');
      assert.equal(made.begun(), failures);
      made.step(1);
    }
  });

  void test('is loaded on demand whatever is known, and tells what it replaced', async () => {
    const made = await holding();
    const renewed = made.source.renewed(FOREVER);
    await made.end({ value: 2 });
    assert.deepEqual(await renewed, { value: 2 });
    assert.deepEqual(made.told, [
      [{ value: 1 }, undefined],
      [{ value: 2 }, 1],
    ]);
  });

  void test('stops its load when it is closed', async () => {
    const made = world();
    const reader = read(made);
    made.source.close();
    assert.equal(await reader, 'aborted');
  });
});
