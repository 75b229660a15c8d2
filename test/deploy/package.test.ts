// Packs the package, installs the tarball into an empty folder as anybody would, and runs what came out.

import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import pkg from '../../package.json' with { type: 'json' };
import { Secret } from '../../src/core/secret.ts';
import { openCache } from '../../src/login/cache.ts';
import { thisMachine } from '../../src/login/machine.ts';
import { ROOT } from '../docs/markdown.ts';
import { until } from '../support/settled.ts';
import { at } from './files.ts';

const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'package-'));
const empty = join(scratch, 'empty');
const installed = join(empty, 'node_modules', 'kube-auth-broker');
const ALICE = { username: 'alice', password: 'wonderland' };

/** As `npx` finds it. */
const bin = (name: string): string => join(empty, 'node_modules', '.bin', name);

/** npm that runs this test, else the one of the PATH; nothing is downloaded. */
async function npm(folder: string, ...args: readonly string[]): Promise<string> {
  const { npm_execpath: path = '' } = process.env;
  const [command, ...first] = path.endsWith('.js') ? [process.execPath, path] : ['npm'];
  return (await run(command ?? 'npm', [...first, ...args], { cwd: folder })).stdout;
}

const files: string[] = [];
let tarballBytes = 0;
/** As a download that broke off. */
const cut = join(scratch, 'cut.tgz');

/** `prepack` prints too. */
function lastJson(text: string): string {
  return text.slice(text.search(/^\[/m));
}

void describe('the package', () => {
  before(async () => {
    const packed: unknown = JSON.parse(lastJson(await npm(ROOT, 'pack', '--json', '--pack-destination', scratch)));
    tarballBytes = Number(at(packed, 0, 'size'));
    const list = at(packed, 0, 'files');
    files.push(...(Array.isArray(list) ? list.map((file: unknown) => String(at(file, 'path'))) : []));
    mkdirSync(empty);
    const tarball = join(scratch, String(at(packed, 0, 'filename')));
    await npm(empty, 'install', '--offline', '--no-audit', '--no-fund', tarball);
    writeFileSync(cut, readFileSync(tarball).subarray(0, tarballBytes / 2));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  void it('is not installed when it was cut', async () => {
    const folder = join(scratch, 'cut');
    mkdirSync(folder);
    await assert.rejects(npm(folder, 'install', '--offline', '--no-audit', '--no-fund', cut));
    assert.ok(!existsSync(join(folder, 'node_modules/kube-auth-broker/src/bin')));
  });

  void it('is small and needs no other', () => {
    assert.ok(tarballBytes < 2_500_000, `${tarballBytes} bytes`);
    assert.deepEqual(pkg.dependencies, {});
  });

  void it('holds programs, maps, examples and the schema, no source and no test', () => {
    for (const name of [
      'LICENSE',
      'dist/THIRD-PARTY-LICENSES.txt',
      'README.md',
      'config/broker.schema.json',
      'config/quickstart.yaml',
    ]) {
      assert.ok(files.includes(name), name);
    }
    for (const name of ['kube-auth-broker.mjs', 'kubectl-broker.cjs']) {
      assert.ok(files.includes(`dist/${name}`) && files.includes(`dist/${name}.map`), name);
      assert.match(
        readFileSync(join(installed, 'dist', name), 'utf8'),
        new RegExp(`//# sourceMappingURL=${name}.map\\s*$`),
      );
    }
    assert.deepEqual(
      files.filter((path) => /\.ts$|^test\/|^src\/(?!bin\/)|tmp|\.env/.test(path)),
      [],
    );
  });

  for (const name of Object.keys(pkg.bin)) {
    void it(`${name} --version`, async () => {
      const { stdout } = await run(bin(name), ['--version']);
      assert.match(stdout, new RegExp(`^kube-auth-broker ${pkg.version.replaceAll('.', '\\.')}, commit `));
    });
  }

  void it('checks what it ships', async () => {
    const { stdout } = await run(bin('kube-auth-broker'), [
      'check',
      '--config',
      join(installed, 'config/quickstart.yaml'),
    ]);
    assert.match(stdout, /valid/);
  });

  void it('hashes a password that the installed broker then takes', async () => {
    const hashing = run(bin('kube-auth-broker'), ['hash-password']);
    hashing.child.stdin?.end('garden');
    assert.match((await hashing).stdout, /^\$argon2id\$v=19\$/);
  });

  void describe('the installed broker', () => {
    let child: ChildProcess;
    let output = '';
    const address = (name: string): string => `http://${new RegExp(`"${name}":"([^"]+)"`).exec(output)?.[1]}`;

    before(async () => {
      for (const name of ['quickstart.yaml', 'quickstart.users.yaml']) {
        copyFileSync(join(installed, 'config', name), join(empty, name));
      }
      const { stdout: key } = await run(bin('kube-auth-broker'), ['issuer', 'new-key']);
      writeFileSync(join(empty, 'key.pem'), key, { mode: 0o600 });
      writeFileSync(join(empty, 'broker.yaml'), withPortal(readFileSync(join(empty, 'quickstart.yaml'), 'utf8')));
      child = spawn(bin('kube-auth-broker'), ['serve', '--config', join(empty, 'broker.yaml')], { cwd: empty });
      const collect = (chunk: Buffer): void => {
        output += chunk.toString();
      };
      child.stdout?.on('data', collect);
      child.stderr?.on('data', collect);
      await until('it listens', () => /"portal":"/.test(output) || child.exitCode !== null, 20_000);
      assert.equal(child.exitCode, null, output);
    });
    after(() => child?.kill('SIGKILL'));

    void it('answers a review', async () => {
      const token = `${ALICE.username}:${ALICE.password}`;
      const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } });
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`${address('webhook')}/authenticate`, { method: 'POST', headers, body });
      assert.equal(at(await answer.json(), 'status', 'user', 'username'), 'demo:alice');
    });

    for (const name of Object.keys(pkg.bin)) {
      void it(`gives ${name} login the token that it knows`, async () => {
        const portal = address('portal');
        const folder = join(scratch, name);
        const { token, expiresAt } = await signedIn(portal);
        await keep(join(folder, 'kube-auth-broker'), { server: `${portal}/`, token, expiresAt });
        const env = { PATH: process.env['PATH'], KUBECACHEDIR: folder };
        const { stdout } = await run(bin(name), ['login', '--server', portal], { env });
        assert.equal(at(JSON.parse(stdout), 'status', 'token'), token);
      });
    }
  });
});

/** The quickstart, with a portal and everything on free ports. */
function withPortal(quickstart: string): string {
  const issued = quickstart.replace(/^providers:$/m, 'providers:\n  - { name: tokens, type: issued }');
  return `${issued}
webhook: { address: "127.0.0.1:0" }
operations: { address: "127.0.0.1:0" }
issuer:
  name: http://127.0.0.1:8081
  audience: kubernetes
  keys: [{ id: one, algorithm: EdDSA, privateKey: { file: key.pem } }]
  revocationsFile: revocations.yaml
portal:
  address: "127.0.0.1:0"
  publicURL: http://127.0.0.1:8081
  signIn: { password: { endpoint: /authenticate } }
`;
}

async function signedIn(portal: string): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const headers = { 'Content-Type': 'application/json' };
  const answer: unknown = await (
    await fetch(`${portal}/token`, { method: 'POST', headers, body: JSON.stringify(ALICE) })
  ).json();
  return { token: String(at(answer, 'token')), expiresAt: Date.parse(String(at(answer, 'expirationTimestamp'))) };
}

/** As an earlier `login` would have. */
async function keep(
  folder: string,
  { server, token, expiresAt }: { server: string; token: string; expiresAt: number },
): Promise<void> {
  const identity = { username: 'demo:alice', groups: ['demo:developers'] };
  const session = { server, login: 'alice', identity, token: new Secret(token), issuedAt: Date.now(), expiresAt };
  await openCache(folder, { machine: thisMachine(), randomBytes }).keep(session);
}
