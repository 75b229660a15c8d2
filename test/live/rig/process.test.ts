// Proves that no server outlives its test, however the test ends, and that a missing server is not passed over in silence.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { run } from './command.ts';
import { findServer, requireServer } from './installed.ts';
import { startProcess } from './process.ts';
import { temporaryFolder } from './temp.ts';
import { freePort, waitFor, waitForPort } from './wait.ts';

const linux = { skip: process.platform === 'linux' ? false : 'needs setpriv and /proc' };

/** 'gone' also for a process that has ended and only waits to be reaped. */
function stateOf(pid: number): 'gone' | 'alive' {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') === true ? 'gone' : 'alive';
  } catch {
    return 'gone';
  }
}

const gone = (pid: number) => waitFor(`process ${pid} to end`, () => stateOf(pid) === 'gone' || undefined);

for (const [how, code] of [
  ['falls off its end', ''],
  ['exits', 'process.exit(3);'],
  ['throws', 'throw new Error("on purpose");'],
  ['is killed', 'process.kill(process.pid, "SIGKILL");'],
] as const) {
  void test(`a server ends when its test process ${how}`, linux, async () => {
    const script = `
      const { startProcess } = await import(${JSON.stringify(new URL('process.ts', import.meta.url).href)});
      console.log(startProcess({ name: 'x', command: 'sleep', args: ['600'], directory: ${JSON.stringify(temporaryFolder('process'))} }).pid);
      ${code}`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
    assert.match(stdout, /^\d+\n$/);
    await gone(Number(stdout));
  });
}

void test('stop ends the whole process group, also one that ignores SIGTERM while it is frozen', linux, async () => {
  const directory = temporaryFolder('process');
  const args = ['-c', 'trap "" TERM; sleep 600 & echo $!; wait'];
  const server = startProcess({ name: 'stubborn', command: 'bash', args, directory });
  const child = await waitFor('the child', () => /^(\d+)\n/.exec(server.output())?.[1]);
  server.signal('SIGSTOP');
  await server.stop();
  assert.ok(server.hasExited());
  await gone(Number(child));
});

void test('a server that ends at once fails the wait for its port with what it printed', linux, async () => {
  const directory = temporaryFolder('process');
  const server = startProcess({
    name: 'broken',
    command: 'bash',
    args: ['-c', 'echo no such option; exit 1'],
    directory,
  });
  await assert.rejects(waitForPort(await freePort(), server), /no such option/);
});

void test('free ports differ from one another', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  assert.equal(new Set(ports).size, 20);
});

const itestd = (environment: NodeJS.ProcessEnv) => requireServer('itestd', ['itestd'], environment);

void test('a missing server is a skip with its reason, and an error where the live tests are required', () => {
  assert.equal(requireServer('bash', ['no-such-shell', 'bash'], { CI: 'true' }), false);
  assert.equal(findServer(['/no/such/file']), undefined);
  assert.match(String(itestd({})), /itestd is not installed .* run \.ci\/install/);
  assert.throws(() => itestd({ KAB_LIVE_REQUIRED: '1' }), /itestd is not installed/);
  assert.throws(() => itestd({ CI: 'true' }), /itestd is not installed/);
});
