// Lines leave together, whole and once, whatever the reader does.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bufferedSink, type SinkSeams } from '../../src/telemetry/buffered-sink.ts';

interface Written {
  readonly seams: SinkSeams;
  /** One for each call that took something. */
  readonly taken: string[];
  pauses(): number;
  /** Lets the time pass that lines wait. */
  pass(): void;
}

/** `limits`: how much each call takes at most, or the code that it throws; afterwards everything is taken. */
function reader(...limits: readonly (number | string)[]): Written {
  const left = [...limits];
  const taken: string[] = [];
  let pauses = 0;
  const waiting: (() => void)[] = [];
  const write = (bytes: string | Uint8Array): number => {
    const limit = left.shift() ?? Number.POSITIVE_INFINITY;
    if (typeof limit === 'string') throw Object.assign(new Error(limit), { code: limit });
    const part = Buffer.from(bytes).subarray(0, limit);
    taken.push(part.toString('latin1'));
    return part.length;
  };
  return {
    seams: { write, pause: () => void (pauses += 1), later: (flush) => void waiting.push(flush) },
    taken,
    pauses: () => pauses,
    pass: () => {
      for (const flush of waiting.splice(0)) flush();
    },
  };
}

void describe('lines that come soon after one another', () => {
  void test('are written together, later ones apart', () => {
    const given = reader();
    const sink = bufferedSink(given.seams);
    sink.write('a\n');
    sink.write('b\n');
    assert.deepEqual(given.taken, []);
    given.pass();
    sink.write('c\n');
    given.pass();
    assert.deepEqual(given.taken, ['a\nb\n', 'c\n']);
  });

  void test('are written at once by a flush, and not again', () => {
    const given = reader();
    const sink = bufferedSink(given.seams);
    sink.write('a\n');
    sink.flush();
    sink.flush();
    given.pass();
    assert.deepEqual(given.taken, ['a\n']);
  });

  void test('do not pile up', () => {
    const { seams, taken } = reader();
    const sink = bufferedSink(seams);
    for (let lines = 0; lines < 3; lines++) sink.write(`${'x'.repeat(40_000)}\n`);
    assert.deepEqual(
      taken.map((text) => text.length),
      [80_002],
    );
  });
});

void describe('a reader', () => {
  const rows = [
    { name: 'that takes a part at a time gets the rest', given: [3, 1], want: ['a\n\xc3', '\xbc', '\nb\n'], pauses: 0 },
    { name: 'that is busy is waited for', given: ['EAGAIN', 'EAGAIN'], want: ['a\n\xc3\xbc\nb\n'], pauses: 2 },
    {
      name: 'that is busy in between gets every byte once',
      given: [2, 'EAGAIN'],
      want: ['a\n', '\xc3\xbc\nb\n'],
      pauses: 1,
    },
    { name: 'that went away is no reason to stop', given: ['EPIPE'], want: [], pauses: 0 },
  ];
  for (const { name, given, want, pauses } of rows) {
    void test(name, () => {
      const written = reader(...given);
      const sink = bufferedSink(written.seams);
      sink.write('a\nü\nb\n');
      sink.flush();
      assert.deepEqual([written.taken, written.pauses()], [want, pauses]);
    });
  }
});

void describe('a reader that reads no more', () => {
  const STUCK = Array.from({ length: 51 }, () => 'EAGAIN');

  void test('is waited for half a second, once', () => {
    const written = reader(...STUCK, 'EAGAIN', 'EAGAIN');
    const sink = bufferedSink(written.seams);
    for (const line of ['a\n', 'b\n', 'c\n']) {
      sink.write(line);
      sink.flush();
    }
    assert.deepEqual([written.taken, written.pauses()], [[], 50]);
  });

  void test('is told how many lines it missed, on a line of its own', () => {
    const written = reader(2, ...STUCK);
    const sink = bufferedSink(written.seams);
    sink.write('aaaa\nb\n');
    sink.flush();
    sink.write('c\n');
    sink.flush();
    const [torn, later = ''] = written.taken;
    assert.equal(torn, 'aa');
    assert.match(later, /^\n\{"level":"warn","time":".+","lines":2,"msg":"log lines lost"\}\nc\n$/);
    sink.write('d\n');
    sink.flush();
    assert.equal(written.taken.at(-1), 'd\n');
  });
});
