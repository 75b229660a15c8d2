// Proves how build.sh finds, refuses and builds programs, with a go on the PATH that only writes down what it is asked.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../rig/command.ts';
import { findServer } from '../rig/installed.ts';
import { subfolder, temporaryFolder } from '../rig/temp.ts';

const script = fileURLToPath(new URL('build.sh', import.meta.url));
const TOOLS = ['bash', 'env', 'dirname', 'awk', 'grep', 'mkdir', 'mktemp', 'chmod', 'mv', 'rm', 'flock', 'cat'];
const COMPLETE = '#!/bin/sh\necho Client Version: v1\n';
const DISPATCHER = '#!/bin/sh\necho Client Version: v1-dispatcher\n';

/** A folder with nothing on the PATH but what build.sh needs, an empty cache, and a way to put programs there. */
function makeSandbox() {
  const folder = temporaryFolder('build-test');
  const bin = subfolder(folder, 'bin');
  for (const tool of TOOLS) symlinkSync(findServer([tool]) ?? `/usr/bin/${tool}`, join(bin, tool));
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o755 });
    return join(folder, name);
  };
  const none = { TEST_ASSET_KUBE_APISERVER: '', TEST_ASSET_ETCD: '', TEST_ASSET_KUBECTL: '', KUBEBUILDER_ASSETS: '' };
  const cache = join(folder, 'cache');
  const build = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    run(script, args, { env: { ...none, PATH: bin, XDG_CACHE_HOME: cache, ...env } });
  return { folder, cache, write, build };
}

/** Like `go build -o FILE`: writes a program (or fails), and a line into calls.log. */
function fakeGo(outcome: 'builds' | 'fails'): string {
  return `#!/bin/bash
printf '%s|%s\\n' "$CGO_ENABLED" "$*" >>"\${BASH_SOURCE%/*}/../calls.log"
while [[ $1 != -o ]]; do shift; done
${outcome === 'fails' ? 'echo "go: no network" >&2; exit 1' : `printf '#!/bin/sh\\necho built\\n' >"$2"`}
`;
}

void describe('build.sh', () => {
  void it('takes what TEST_ASSET_KUBE_APISERVER names before anything else', async () => {
    const { folder, write, build } = makeSandbox();
    const named = write('mine', COMPLETE);
    write('kube-apiserver', COMPLETE);
    const env = { TEST_ASSET_KUBE_APISERVER: named, KUBEBUILDER_ASSETS: folder };
    const want = { exitCode: 0, stdout: `kube-apiserver=${named}\n`, stderr: '' };
    assert.deepEqual(await build(['kube-apiserver'], env), want);
  });

  void it('takes all three programs from KUBEBUILDER_ASSETS', async () => {
    const { folder, write, build } = makeSandbox();
    const names = ['kube-apiserver', 'etcd', 'kubectl'];
    const stdout = names.map((name) => `${name}=${write(name, COMPLETE)}\n`).join('');
    assert.deepEqual(await build([], { KUBEBUILDER_ASSETS: folder }), { exitCode: 0, stdout, stderr: '' });
  });

  void it('refuses a kubectl that is a dispatcher, and says which variable to correct', async () => {
    const { write, build } = makeSandbox();
    const result = await build(['kubectl'], { TEST_ASSET_KUBECTL: write('kubectl', DISPATCHER) });
    assert.deepEqual([result.exitCode, result.stdout], [3, '']);
    assert.match(result.stderr, /TEST_ASSET_KUBECTL=.*dispatcher/);
  });

  void it('says what is missing when there is no go, and exits 3', async () => {
    const result = await makeSandbox().build(['etcd']);
    assert.deepEqual([result.exitCode, result.stdout], [3, '']);
    assert.match(result.stderr, /^etcd v3\.\S+ is missing: .*no go on the PATH[^]*TEST_ASSET_ETCD/);
  });

  void it('says what is missing when go cannot build, exits 3 and leaves no half program', async () => {
    const { cache, write, build } = makeSandbox();
    write('bin/go', fakeGo('fails'));
    const result = await build(['etcd']);
    assert.deepEqual([result.exitCode, result.stdout], [3, '']);
    assert.match(result.stderr, /go: no network[^]*etcd v3\.\S+ could not be built/);
    const left = readdirSync(cache, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      left.filter((file) => /etcd$|building/.test(file)),
      [],
    );
  });

  void it('builds once for two runs at once, then finds it without go', async () => {
    const { folder, cache, write, build } = makeSandbox();
    write('bin/go', fakeGo('builds'));
    const both = await Promise.all([build(['etcd']), build(['etcd'])]);
    const [version] = readdirSync(join(cache, 'kube-auth-broker'));
    const stdout = `etcd=${join(cache, 'kube-auth-broker', version ?? '', 'etcd')}\n`;
    assert.deepEqual(
      both.map((result) => [result.exitCode, result.stdout]),
      [
        [0, stdout],
        [0, stdout],
      ],
    );
    const calls = readFileSync(join(folder, 'calls.log'), 'utf8');
    assert.match(calls, /^0\|build .*-trimpath .*-ldflags -s -w .* go\.etcd\.io\/etcd\/server\/v3\n$/);
    assert.deepEqual(await build(['etcd']), { exitCode: 0, stdout, stderr: '' });
    assert.equal(readFileSync(join(folder, 'calls.log'), 'utf8'), calls);
  });

  void it('refuses a name that it does not know', async () => {
    const result = await makeSandbox().build(['kubelet']);
    assert.deepEqual([result.exitCode, result.stdout], [2, '']);
    assert.match(result.stderr, /unknown program kubelet; known: kube-apiserver/);
  });
});
