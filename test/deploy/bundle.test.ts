// Builds the bundle from exactly the files that the Dockerfile copies, and runs it as the image would.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { hashSync } from 'bcryptjs';
import { type Bundled, bundle, PLUGIN } from '../../deploy/bundle.ts';
import { ROOT } from '../docs/markdown.ts';
import { until } from '../support/settled.ts';
import { at, podContainer, text } from './files.ts';

const run = promisify(execFile);
const COMMIT = 'a'.repeat(40);
const scratch = mkdtempSync(join(tmpdir(), 'bundle-'));
const image = join(scratch, 'image');

/** What `docker build` would have in its first stage; node_modules as `npm ci` makes it. */
function copyAsDockerfile(folder: string): void {
  for (const [, from = '', to = ''] of text('Dockerfile').matchAll(/^COPY (?!--from)(.+) (\S+)$/gm)) {
    for (const name of from.split(' ')) {
      const target = to.endsWith('/') ? join(folder, to, basename(name)) : join(folder, to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, name), target, { recursive: true });
    }
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

interface Running {
  readonly child: ChildProcess;
  readonly webhook: string;
  readonly operations: string;
  /** Everything printed so far. */
  output(): string;
}

/** Starts it with the flags of the image and resolves once it says where it listens. */
async function serve(config: string): Promise<Running> {
  const args = ['--disable-sigusr1', join(image, 'kube-auth-broker.mjs'), 'serve', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: scratch });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const address = (name: string): string | undefined => new RegExp(`"${name}":"([^"]+)"`).exec(output)?.[1];
  await until('the bundle listens', () => address('operations') !== undefined || child.exitCode !== null, 20_000);
  assert.equal(child.exitCode, null, output);
  return {
    child,
    webhook: `http://${address('webhook')}`,
    operations: `http://${address('operations')}`,
    output: () => output,
  };
}

/** The quickstart on free ports, and one person more. */
function quickstart(): string {
  const source = readFileSync(join(ROOT, 'config/quickstart.yaml'), 'utf8');
  const people = readFileSync(join(ROOT, 'config/quickstart.users.yaml'), 'utf8');
  const carol = `- { username: carol, passwordHash: "${hashSync('garden', 4)}" }\n`;
  writeFileSync(join(scratch, 'quickstart.users.yaml'), people + carol);
  const config = join(scratch, 'quickstart.yaml');
  const free = 'webhook: { address: "127.0.0.1:0" }\noperations: { address: "127.0.0.1:0" }\n';
  assert.doesNotMatch(source, /^(?:webhook|operations):/m);
  writeFileSync(config, `${source}\n${free}`);
  return config;
}

const review = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'alice:wonderland' },
  }),
};

void describe('the bundle', () => {
  let running: Running;
  let readyMs = 0;

  before(async () => {
    const build = join(scratch, 'build');
    mkdirSync(build);
    copyAsDockerfile(build);
    const env = { ...process.env, KUBE_AUTH_BROKER_COMMIT: COMMIT };
    await run(process.execPath, ['deploy/bundle.ts'], { cwd: build, env });
    for (const [, from = ''] of text('Dockerfile').matchAll(/^COPY --from=build \S+ (.+) \/app\/$/gm)) {
      for (const path of from.split(' ')) cpSync(join(build, path.replace('/build/', '')), join(image, basename(path)));
    }
    const began = performance.now();
    running = await serve(quickstart());
    await fetch(`${running.webhook}/authenticate`, review);
    readyMs = performance.now() - began;
  });
  after(() => {
    running?.child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  });

  void it('answers a review with what the image holds', async (t) => {
    const answer: unknown = await (await fetch(`${running.webhook}/authenticate`, review)).json();
    assert.equal(at(answer, 'status', 'authenticated'), true);
    t.diagnostic(`from nothing to the first answered review: ${Math.round(readyMs)} ms`);
  });

  void it('answers every probe of the pod, and the scrape', async () => {
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) =>
      String(at(podContainer(), probe, 'httpGet', 'path')),
    );
    const answers = await Promise.all([...probes, '/metrics'].map((path) => fetch(running.operations + path)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
  });

  void it('knows the commit that the image was built from', async () => {
    const { stdout } = await run(process.execPath, [join(image, 'kube-auth-broker.mjs'), 'version', '-o', 'json']);
    assert.equal(at(JSON.parse(stdout), 'commit'), COMMIT);
  });

  void it('checks a bcrypt hash without a file beside it', async () => {
    const body = JSON.stringify({ ...JSON.parse(review.body), spec: { token: 'carol:garden' } });
    const answer: unknown = await (await fetch(`${running.webhook}/authenticate`, { ...review, body })).json();
    assert.equal(at(answer, 'status', 'authenticated'), true);
    assert.deepEqual(readdirSync(image), ['THIRD-PARTY-LICENSES.txt', 'kube-auth-broker.mjs']);
  });

  void it('is left alone by the signal that opens the inspector', async () => {
    running.child.kill('SIGUSR1');
    assert.equal((await fetch(`${running.operations}/livez`)).status, 200);
    assert.equal(running.child.exitCode, null);
    assert.doesNotMatch(running.output(), /Debugger listening/);
  });

  void it('ends well when it is interrupted', async () => {
    const { child, operations } = await serve(quickstart());
    // Whoever answers has finished starting.
    await fetch(`${operations}/livez`);
    const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
    child.kill('SIGINT');
    assert.equal(await ended, 0);
  });
});

void describe('the bundle of the kubectl plugin', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-plugin-'));
  let made: Bundled;

  before(async () => {
    made = await bundle(PLUGIN, { folder, commit: COMMIT });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  void it('has no library in it but the one that reads a kubeconfig, so that it starts at once', () => {
    assert.ok(made.inputs.includes('src/login/commands/login.ts'), 'the inputs are read');
    assert.deepEqual(
      made.inputs.filter(
        (path) =>
          !/^(?:(?:.*\/)?node_modules\/yaml\/|src\/(?:async|command|core|files|login|text|upstream)\/|src\/version\.ts$|package\.json$)/.test(
            path,
          ),
      ),
      [],
    );
  });

  void it('runs by itself', async () => {
    const { stdout } = await run(process.execPath, [made.outfile, 'version', '-o', 'json']);
    assert.equal(at(JSON.parse(stdout), 'commit'), COMMIT);
    const refused = run(process.execPath, [made.outfile, 'status', '--server', 'https://127.0.0.1:1'], {
      env: { KUBECACHEDIR: folder },
    });
    await assert.rejects(refused, { code: 1, stdout: 'Not signed in to https://127.0.0.1:1.\n' });
  });
});
