// Whoever holds the lock keeps it; who died, or was silent for long, loses it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withLock } from '../../src/files/lock.ts';
import { thisMachine } from '../../src/login/machine.ts';

function lockFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'broker-lock-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

/** Counts the waits and ends each with `onWait`. */
function hostThat(onWait: (wait: number) => void) {
  let waits = 0;
  const pause = async (): Promise<void> => {
    waits += 1;
    onWait(waits);
  };
  return { host: { ...thisMachine(), hostname: 'here', pause }, waits: () => waits };
}

const neverWaits = () => hostThat(() => assert.fail('nobody holds it'));

void test('a free lock is held during the work, and free again after it, failed or not', async (t) => {
  const path = lockFile(t);
  const { host } = neverWaits();
  assert.equal(
    await withLock(path, { host, nonce: 'a' }, async () => readFileSync(path, 'utf8')),
    `here ${process.pid} a`,
  );
  await assert.rejects(
    withLock(path, { host, nonce: 'b' }, () => Promise.reject(new Error('work failed'))),
    /work failed/,
  );
  assert.deepEqual(readdirSync(dirname(path)), []);
});

void test('who comes second waits until the first is done', async (t) => {
  const path = lockFile(t);
  const order: string[] = [];
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const first = withLock(path, { host: neverWaits().host, nonce: 'a' }, async () => {
    await done;
    order.push('first');
  });
  const { host } = hostThat(() => finish());
  const pause = async (ms: number) => {
    await host.pause();
    await thisMachine().pause(ms / 50);
  };
  await withLock(path, { host: { ...host, pause }, nonce: 'b' }, async () => order.push('second'));
  await first;
  assert.deepEqual(order, ['first', 'second']);
});

void test('the lock of a process that was killed is taken at once', async (t) => {
  const path = lockFile(t);
  const child = spawn(process.execPath, [fileURLToPath(new URL('lock-process.ts', import.meta.url)), path]);
  await once(child.stdout, 'data');
  const [hostname = ''] = readFileSync(path, 'utf8').split(' ');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(existsSync(path), 'it left its lock behind');
  const { host, waits } = neverWaits();
  assert.equal(await withLock(path, { host: { ...host, hostname }, nonce: 'b' }, async () => 'mine'), 'mine');
  assert.equal(waits(), 0);
});

const DEAD = 'elsewhere 1 a';
const held = [
  { name: 'of another computer, that was heard of lately, is respected', given: DEAD, silentMs: 5000, want: 3 },
  { name: 'of another computer, that is silent for long, is taken', given: DEAD, silentMs: 60_000, want: 0 },
  { name: 'whose holder has not written its name yet is respected', given: '', silentMs: 0, want: 3 },
  { name: 'whose holder never wrote its name is taken', given: '', silentMs: 60_000, want: 0 },
  { name: 'of a living process is respected', given: `here ${process.pid} x`, silentMs: 0, want: 3 },
  {
    name: 'of a living process that was stopped for long is taken',
    given: `here ${process.pid} x`,
    silentMs: 60_000,
    want: 0,
  },
];
for (const { name, given, silentMs, want } of held) {
  void test(`a lock ${name}`, async (t) => {
    const path = lockFile(t);
    writeFileSync(path, given);
    const heardOf = new Date(Date.now() - silentMs);
    utimesSync(path, heardOf, heardOf);
    const { host, waits } = hostThat((wait) => {
      if (wait === 3) rmSync(path);
    });
    assert.equal(await withLock(path, { host, nonce: 'b' }, async () => 'mine'), 'mine');
    assert.equal(waits(), want);
    assert.deepEqual(readdirSync(dirname(path)), []);
  });
}

void test('who lost the lock while it was stopped does not take away the next one', async (t) => {
  const path = lockFile(t);
  await withLock(path, { host: neverWaits().host, nonce: 'a' }, async () => writeFileSync(path, 'somebody 2 else'));
  assert.equal(readFileSync(path, 'utf8'), 'somebody 2 else');
});
