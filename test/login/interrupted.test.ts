// Ctrl-C while the plugin waits for the portal: kubectl's terminal is free at once, and the exit code says why.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret } from '../../src/core/secret.ts';
import { openCache } from '../../src/login/cache.ts';
import { thisMachine } from '../../src/login/machine.ts';
import { startFakeHttp } from '../support/fake-http.ts';

const MAIN = join(import.meta.dirname, '../../src/login/main.ts');

void test('SIGINT ends it with 130', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'broker-interrupted-'));
  const { promise: asked, resolve: sawRequest } = Promise.withResolvers<void>();
  const silent = await startFakeHttp({
    handler: () => {
      sawRequest();
      return 'handled';
    },
  });
  t.after(async () => {
    await silent.close();
    rmSync(folder, { recursive: true });
  });
  const times = { issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
  const identity = { username: 'alice', groups: [] };
  const cache = openCache(join(folder, 'kube-auth-broker'), { machine: thisMachine(), randomBytes });
  await cache.keep({ server: `${silent.origin}/`, login: 'alice', identity, token: new Secret('a.b.c'), ...times });
  const env = { PATH: process.env['PATH'], KUBECACHEDIR: folder };
  const child = spawn(process.execPath, [MAIN, 'status', '--server', silent.origin], { env });
  await asked;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  assert.deepEqual(await exited, [130, null]);
});
