// Many kubectl at once, as real processes that share one cache folder: one of them asks.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startFakePortal } from '../support/fake-portal.ts';

const RUNNER = fileURLToPath(new URL('sign-in-process.ts', import.meta.url));
const run = promisify(execFile);

interface Printed {
  readonly kind: string;
  readonly token?: string;
  readonly prompts: number;
}

const rows = [
  {
    name: 'the right password signs all of them in once',
    processes: 20,
    given: 'pw-alice',
    want: ['signed-in', 1] as const,
  },
  {
    name: 'who gives a wrong one spares the others the question',
    processes: 8,
    given: 'wrong',
    want: ['refused', 3] as const,
  },
];

for (const { name, processes, given, want } of rows) {
  void test(`${processes} processes on a cold cache: ${name}`, async (t) => {
    const folder = join(mkdtempSync(join(tmpdir(), 'broker-login-')), 'kube-auth-broker');
    // The first sign-in is answered when all processes run, so that they do compete.
    const { promise: allStarted, resolve: startedAll } = Promise.withResolvers<void>();
    const portal = await startFakePortal({ passwords: { alice: 'pw-alice' }, hold: () => allStarted });
    t.after(async () => {
      rmSync(join(folder, '..'), { recursive: true });
      await portal.close();
    });
    let started = 0;
    const runs = Array.from({ length: processes }, () => {
      const running = run(process.execPath, [RUNNER, `${portal.origin}/`, folder, given]);
      running.child.stderr?.once('data', () => {
        started += 1;
        if (started === processes) startedAll();
      });
      return running;
    });
    const printed: Printed[] = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout));
    const [kind, signIns] = want;
    assert.deepEqual([portal.signIns(), printed.reduce((sum, { prompts }) => sum + prompts, 0)], [signIns, signIns]);
    assert.equal(printed.filter((one) => one.kind === kind).length, 1);
    const others = kind === 'signed-in' ? 'remembered' : 'asked-already';
    assert.equal(printed.filter((one) => one.kind === others).length, processes - 1);
    assert.equal(new Set(printed.map(({ token }) => token)).size, 1);
    assert.deepEqual(
      readdirSync(folder).filter((file) => !/^[0-9a-f]{32}\.(?:json|asked)$/.test(file)),
      [],
    );
  });
}
