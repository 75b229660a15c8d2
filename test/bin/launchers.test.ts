// What starts the programs: readable by Node 12, and on one that is too old says so in one sentence before anything else.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import pkg from '../../package.json' with { type: 'json' };
import { kubectlCommands } from '../../src/login/commands/index.ts';
import { ROOT } from '../docs/markdown.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'launchers-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

const LAUNCHERS = ['kube-auth-broker.cjs', 'kubectl-broker.cjs', 'plugin.cjs', 'node-version.cjs'];

/** A module that makes Node believe it is another one. */
function pretend(version: string): string {
  const path = join(folder, `${version}.cjs`);
  writeFileSync(path, `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });\n`);
  return path;
}

void describe('a Node that is too old', () => {
  const broker = pkg.engines.node.replace('>=', '');
  const rows = [
    { name: 'kube-auth-broker', args: ['--version'], given: '12.22.12' },
    { name: 'kube-auth-broker', args: ['serve', '--config', 'none.yaml'], given: '24.6.0' },
    { name: 'kube-auth-broker', args: ['serve'], given: '23.11.1' },
    { name: 'kube-auth-broker', args: ['login'], given: '20.20.2' },
    { name: 'kubectl-broker', args: ['login'], given: '14.21.3' },
  ];
  for (const { name, args, given } of rows) {
    void test(`${given}: ${name} ${args[0]} ends with one sentence and 2`, async () => {
      const file = join(ROOT, 'src/bin', `${name}.cjs`);
      const stderr = `${name}: needs Node.js ${broker} or later, and this is ${given}\n`;
      await assert.rejects(run(process.execPath, ['-r', pretend(given), file, ...args]), {
        code: 2,
        stdout: '',
        stderr,
      });
    });
  }

  for (const given of [broker, '24.10.0', '25.0.0-nightly20251015', '100.0.0']) {
    void test(`${given} is new enough`, async () => {
      const file = join(ROOT, 'src/bin/kube-auth-broker.cjs');
      const { stderr } = await run(process.execPath, ['-r', pretend(given), file, '--help']);
      assert.equal(stderr, '');
    });
  }
});

void describe('a launcher', () => {
  for (const name of LAUNCHERS) {
    void test(`${name} has no syntax that is newer than 2019`, async () => {
      const code = readFileSync(join(ROOT, 'src/bin', name), 'utf8');
      const [old, current] = await Promise.all(
        ['es2019', 'esnext'].map(async (target) => (await transform(code, { target })).code),
      );
      assert.equal(old, current);
    });
  }

  void test('knows the commands of the plugin', () => {
    const { PLUGIN_COMMANDS }: { readonly PLUGIN_COMMANDS: readonly string[] } = require('../../src/bin/plugin.cjs');
    assert.deepEqual(
      PLUGIN_COMMANDS,
      kubectlCommands.map(({ name }) => name),
    );
  });

  void test('keeps compiled code where its owner alone can write', async () => {
    const home = mkdtempSync(join(folder, 'home-'));
    const file = join(ROOT, 'src/bin/kubectl-broker.cjs');
    const env = { PATH: process.env['PATH'], KUBECACHEDIR: home };
    await run(process.execPath, [file, 'version'], { env });
    assert.equal(statSync(join(home, 'kube-auth-broker')).mode & 0o777, 0o700);
    assert.ok(statSync(join(home, 'kube-auth-broker/compiled')).isDirectory());
  });

  void test('works without a place for it', async () => {
    writeFileSync(join(folder, 'file'), '');
    const env = { PATH: process.env['PATH'], KUBECACHEDIR: join(folder, 'file') };
    const file = join(ROOT, 'src/bin/kubectl-broker.cjs');
    const { stdout, stderr } = await run(process.execPath, [file, 'version'], { env });
    assert.match(stdout, /^kube-auth-broker /);
    assert.equal(stderr, '');
  });
});
