// Single executables of every platform: those of this one run without any Node, the others are what their systems load.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { type Archive, packArchives } from '../../../deploy/release/archives.ts';
import { buildExecutables } from '../../../deploy/release/executables.ts';
import { manifestsOf } from '../../../deploy/release/manifests.ts';
import { fileOf, NODE_VERSION, PLATFORMS } from '../../../deploy/release/platforms.ts';
import { VERSION } from '../../../deploy/release/product.ts';
import { at } from '../../deploy/files.ts';
import { ROOT } from '../../docs/markdown.ts';
import { until } from '../../support/settled.ts';
import { program, requirePrograms } from '../apiserver/programs.ts';
import { run } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';

const COMMIT = 'c'.repeat(40);
/** How Node.js marks a file that holds a program (deps of postject; the digit tells that it does). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';
const OURS = 'Signs in at kube-auth-broker for kubectl.';
const BROKERS = 'The token webhook of kube-apiserver.';

const folder = temporaryFolder('executables');
const executables = join(folder, 'executables');
let archives: readonly Archive[] = [];

/** Nothing of the environment but a place for files; no Node, no npm. */
const bare = (home: string): { readonly env: Record<string, string> } => ({ env: { PATH: '/nowhere', HOME: home } });

/** What the first bytes say: format and processor (elf(5), Apple's mach/machine.h, Microsoft's PE format). */
function headerOf(file: Buffer): string {
  if (file.readUInt32BE(0) === 0x7f_45_4c_46)
    return `ELF ${file.readUInt8(4) * 32} 0x${file.readUInt16LE(18).toString(16)}`;
  if (file.readUInt32LE(0) === 0xfe_ed_fa_cf) return `Mach-O 64 0x${file.readUInt32LE(4).toString(16)}`;
  const pe = file.readUInt32LE(0x3c);
  return `${file.toString('latin1', pe, pe + 2)} 64 0x${file.readUInt16LE(pe + 4).toString(16)}`;
}

const HEADERS: Readonly<Record<string, string>> = {
  'linux-x64': 'ELF 64 0x3e',
  'linux-arm64': 'ELF 64 0xb7',
  'darwin-arm64': 'Mach-O 64 0x100000c',
  'darwin-x64': 'Mach-O 64 0x1000007',
  'win-x64': 'PE 64 0x8664',
};

void describe('single executables', { skip: process.platform !== 'linux' || process.arch !== 'x64' }, () => {
  before(async () => {
    const cache = join(ROOT, 'node_modules/.cache/executables');
    await buildExecutables({ platforms: PLATFORMS, folder: executables, cache, commit: COMMIT });
  });

  for (const platform of PLATFORMS) {
    for (const name of platform.programs) {
      void it(`${name} for ${platform.name} is one that its system loads, with the program in it`, () => {
        const file = readFileSync(join(executables, platform.name, fileOf(name, platform)));
        assert.equal(headerOf(file), HEADERS[platform.name]);
        assert.ok(file.includes(FUSE), 'Node.js finds the program');
        assert.ok(file.includes(COMMIT) && file.includes(OURS) === (name === 'kubectl-broker'), 'it is this one');
        assert.equal(file.includes(BROKERS), name === 'kube-auth-broker');
      });
    }
  }

  for (const name of ['kubectl-broker', 'kube-auth-broker'] as const) {
    void it(`${name} --version, without Node and whatever NODE_OPTIONS says`, async () => {
      const { env } = bare(folder);
      const ran = await run(join(executables, 'linux-x64', name), ['--version'], {
        env: { ...env, NODE_OPTIONS: '--inspect --no-such-flag' },
      });
      assert.equal(ran.stdout, `kube-auth-broker ${VERSION}, commit ${COMMIT}, Node.js ${NODE_VERSION}\n`, ran.stderr);
    });
  }

  void it('kubectl-broker says how it is called', async () => {
    const { stdout } = await run(join(executables, 'linux-x64/kubectl-broker'), ['login', '--help'], bare(folder));
    assert.match(stdout, /^Usage: kubectl broker login \[--server URL\]/m);
  });

  void describe('kube-auth-broker', () => {
    let child: ChildProcess;
    let output = '';
    const broker = join(executables, 'linux-x64/kube-auth-broker');

    before(async () => {
      const quickstart = readFileSync(join(ROOT, 'config/quickstart.yaml'), 'utf8');
      const free = 'webhook: { address: "127.0.0.1:0" }\noperations: { address: "127.0.0.1:0" }\n';
      writeFileSync(join(folder, 'quickstart.yaml'), `${quickstart}\n${free}`);
      const people = readFileSync(join(ROOT, 'config/quickstart.users.yaml'), 'utf8');
      const carol = `- { username: carol, passwordHash: "${hashSync('garden', 4)}" }\n`;
      writeFileSync(join(folder, 'quickstart.users.yaml'), people + carol);
      child = spawn(broker, ['serve', '--config', join(folder, 'quickstart.yaml')], bare(folder));
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      await until('it listens', () => /"webhook":"/.test(output) || child.exitCode !== null, 20_000);
      assert.equal(child.exitCode, null, output);
    });
    after(() => child?.kill('SIGKILL'));

    const rows = [
      { name: 'argon2id', given: 'alice:wonderland', want: true },
      { name: 'bcrypt, in its thread', given: 'carol:garden', want: true },
      { name: 'a wrong password', given: 'carol:wrong', want: false },
    ];
    for (const { name, given, want } of rows) {
      void it(`answers a review with ${name}`, async () => {
        const address = /"webhook":"([^"]+)"/.exec(output)?.[1];
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: given } };
        const headers = { 'Content-Type': 'application/json' };
        const answer = await fetch(`http://${address}/authenticate`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        });
        const status: unknown = at(await answer.json(), 'status');
        assert.deepEqual([at(status, 'authenticated'), at(status, 'error')], [want, undefined]);
      });
    }

    void it('does not open the inspector on a signal', async () => {
      child.kill('SIGUSR1');
      const address = /"operations":"([^"]+)"/.exec(output)?.[1];
      assert.equal((await fetch(`http://${address}/livez`)).status, 200);
      assert.doesNotMatch(output, /Debugger listening/);
    });

    void it('hashes a password', async () => {
      const { stdout } = await run(broker, ['hash-password'], { ...bare(folder), input: 'garden' });
      assert.match(stdout, /^\$argon2id\$v=19\$/);
    });
  });

  void describe('packed', () => {
    const settings = { executables, platforms: PLATFORMS, epochSeconds: 1_800_000_000 };

    before(async () => {
      archives = await packArchives({ ...settings, folder: join(folder, 'release') });
    });

    void it('are the same bytes each time', async () => {
      const platforms = PLATFORMS.filter(({ name }) => name === 'darwin-arm64' || name === 'win-x64');
      const again = await packArchives({ ...settings, platforms, folder: join(folder, 'again') });
      for (const { file, sha256 } of again) {
        assert.ok(
          archives.some((archive) => archive.sha256 === sha256),
          file,
        );
      }
    });

    void it('can be installed by krew, and kubectl finds the plugin', {
      skip: requirePrograms('krew', 'kubectl'),
    }, async () => {
      const plugins = archives.filter(({ program: name }) => name === 'kubectl-broker');
      const manifest = join(folder, 'broker.yaml');
      writeFileSync(manifest, manifestsOf(plugins)['krew/broker.yaml'] ?? '');
      const archive = plugins.find(({ platform }) => platform.name === 'linux-x64')?.file ?? '';
      const root = join(folder, 'krew');
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      copyFileSync(program('kubectl'), join(bin, 'kubectl'));
      chmodSync(join(bin, 'kubectl'), 0o755);
      const env = {
        PATH: `${bin}:${root}/bin:/usr/bin:/bin`,
        HOME: folder,
        KREW_ROOT: root,
        KREW_NO_UPGRADE_CHECK: '1',
      };
      const installed = await run(program('krew'), ['install', `--manifest=${manifest}`, `--archive=${archive}`], {
        env,
      });
      assert.equal(installed.exitCode, 0, installed.stderr);
      const { stdout, stderr } = await run(join(bin, 'kubectl'), ['broker', '--version'], { env });
      assert.match(stdout, new RegExp(`^kube-auth-broker ${VERSION}, `), stderr);
    });
  });
});
