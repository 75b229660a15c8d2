// Whoever holds the lock keeps it; who died, or was silent for long, loses it; and no acknowledged change is lost.

import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Host, markOf, thisHost } from '../../src/files/holder.ts';
import { withLock } from '../../src/files/lock.ts';
import type { Job, Told } from './writers-process.ts';

const PATIENCE_MS = 60_000;

function folderOf(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'broker-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const lockFile = (t: Pick<TestContext, 'after'>): string => join(folderOf(t), 'lock');

/** Counts the waits and ends each with `onWait`. */
function hostThat(onWait: (wait: number) => void) {
  let waits = 0;
  const pause = async (): Promise<void> => {
    waits += 1;
    onWait(waits);
  };
  const host: Host = { ...thisHost(), hostname: 'here', pause };
  return { host, waits: () => waits };
}

const neverWaits = () => hostThat(() => assert.fail('nobody holds it'));
const seams = (host: Host, nonce: string) => ({ host, nonce, patienceMs: PATIENCE_MS });

void test('a free lock is held during the work, and free again after it, failed or not', async (t) => {
  const path = lockFile(t);
  const { host } = neverWaits();
  const read = await withLock(path, seams(host, 'a'), async () => readFileSync(path, 'utf8'));
  assert.deepEqual(read, { value: markOf(host, 'a') });
  await assert.rejects(
    withLock(path, seams(host, 'b'), () => Promise.reject(new Error('work failed'))),
    /work failed/,
  );
  assert.deepEqual(readdirSync(dirname(path)), []);
});

void test('who comes second waits until the first is done', async (t) => {
  const path = lockFile(t);
  const order: string[] = [];
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const first = withLock(path, seams(neverWaits().host, 'a'), async () => {
    held.resolve();
    await done;
    order.push('first');
  });
  await held.promise;
  await withLock(path, seams(hostThat(() => finish()).host, 'b'), async () => order.push('second'));
  await first;
  assert.deepEqual(order, ['first', 'second']);
});

void test('who has no patience left is told so, and nothing is run', async (t) => {
  const path = lockFile(t);
  const { host } = hostThat(() => undefined);
  writeFileSync(path, markOf(host, 'a'));
  const ran = await withLock(path, { ...seams(host, 'b'), patienceMs: 0 }, async () => assert.fail('it is held'));
  assert.equal(ran, undefined);
});

void test('the lock of a process that was killed is taken at once', async (t) => {
  const path = lockFile(t);
  const child = spawn(process.execPath, [fileURLToPath(new URL('lock-process.ts', import.meta.url)), path]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(existsSync(path), 'it left its lock behind');
  const { host, waits } = neverWaits();
  const taken = await withLock(path, { ...seams(host, 'b'), host: { ...host, hostname: thisHost().hostname } }, () =>
    Promise.resolve('mine'),
  );
  assert.deepEqual(taken, { value: 'mine' });
  assert.equal(waits(), 0);
});

void describe('a lock', () => {
  const { host: here } = neverWaits();
  const elsewhere = markOf({ ...here, hostname: 'elsewhere' }, 'x');
  const running = markOf(here, 'x');
  const rows = [
    { name: 'of another computer, that is touched now and then, is respected', given: elsewhere, beats: 90, want: 500 },
    { name: 'of another computer, that nobody touches, is taken after five beats', given: elsewhere, want: 100 },
    { name: 'without a name is taken after five beats', given: '', want: 100 },
    { name: 'of a running process is respected', given: running, beats: 90, want: 1000 },
    { name: 'of a running process that was stopped for long is taken', given: running, want: 600 },
    {
      name: 'of a process whose id another one has by now is taken at once',
      given: running.replace(/"start":"\d+"/, '"start":"1"'),
      want: process.platform === 'linux' ? 0 : 600,
    },
    { name: 'of a process that has ended is taken at once', given: markOf({ ...here, pid: 2 ** 30 }, 'x'), want: 0 },
  ];
  for (const { name, given, beats, want } of rows) {
    void test(name, async (t) => {
      const path = lockFile(t);
      writeFileSync(path, given);
      const { host, waits } = hostThat((wait) => {
        if (wait === 500 && want === 500) rmSync(path);
        else if (wait === 1000) rmSync(path);
        else if (beats !== undefined && wait % beats === 0) utimesSync(path, wait, wait);
      });
      assert.deepEqual(await withLock(path, seams(host, 'b'), async () => 'mine'), { value: 'mine' });
      assert.equal(waits(), want);
      assert.deepEqual(readdirSync(dirname(path)), []);
    });
  }
});

void test('who lost the lock while it was stopped learns of it, and does not take away the next one', async (t) => {
  const path = lockFile(t);
  const { host } = neverWaits();
  await withLock(path, seams(host, 'a'), async (isHeld) => {
    assert.equal(await isHeld(), true);
    writeFileSync(path, markOf(host, 'somebody else'));
    assert.equal(await isHeld(), false);
  });
  assert.equal(readFileSync(path, 'utf8'), markOf(host, 'somebody else'));
});

/** What a writer that died left behind, in each way in which a later one may find it. */
const STALE = [
  '',
  'here 1 of-an-earlier-version',
  markOf({ ...thisHost(), pid: 2 ** 30 }, 'dead'),
  markOf({ ...thisHost(), hostname: 'elsewhere' }, 'silent'),
];

/** `TEST_LOCK_ROUNDS=300` for the whole of it; a few for every day. */
const ROUNDS = Number(process.env['TEST_LOCK_ROUNDS'] ?? 4);
/** Rounds under way at a time: most of one is waiting. */
const LANES = 10;
const LINES = 5;

void test(`writers beside a stale lock, one of them killed: what was acknowledged is in the file, in ${ROUNDS} rounds`, async (t) => {
  const folder = folderOf(t);
  const writers = ['a', 'b', 'c'].map((name) => ({ name, child: startWriter() }));
  t.after(() => writers.forEach(({ child }) => child.disconnect()));
  const left = Array.from({ length: ROUNDS }, (_, round) => round);
  const lanes = Array.from({ length: LANES }, async () => {
    for (let round = left.shift(); round !== undefined; round = left.shift()) {
      const path = join(folder, `round-${round}`);
      writeFileSync(path, '');
      writeFileSync(`${path}.lock`, STALE[round % STALE.length] ?? '');
      const jobs = writers.map(({ name, child }) => written(child, { path, name: `${name}${round}`, count: LINES }));
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      const acknowledged = (await Promise.all([...jobs, killed(path)])).flat();
      const kept = readFileSync(path, 'utf8').split('\n');
      assert.deepEqual(
        acknowledged.filter((line) => !kept.includes(line)),
        [],
      );
      assert.ok(acknowledged.length > writers.length * LINES);
    }
  });
  await Promise.all(lanes);
});

function startWriter(): ChildProcess {
  return fork(new URL('writers-process.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The lines that the writer has acknowledged. */
function written(child: ChildProcess, job: Job): Promise<readonly string[]> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const hear = ({ name, line }: Told): void => {
      if (name !== job.name) return;
      if (line !== undefined) return void lines.push(line);
      child.off('message', hear);
      resolve(lines);
    };
    child.on('message', hear);
    child.once('exit', () => reject(new Error(`the writer ended: ${lines.join()}`)));
    child.send(job);
  });
}

/** A writer that is killed when it has acknowledged a line, most likely in the middle of the next one. */
async function killed(path: string): Promise<readonly string[]> {
  const child = startWriter();
  const lines: string[] = [];
  child.on('message', ({ line }: Told) => {
    lines.push(line ?? '');
    child.kill('SIGKILL');
  });
  child.send({ path, name: 'killed', count: 100 });
  await once(child, 'exit');
  return lines;
}
