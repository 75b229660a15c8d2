// Runs what deploy/README.md tells people to run, as far as it needs neither a container engine nor a kubelet.

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { at, DEPLOY, parseYaml } from '../../deploy/files.ts';
import { blocksOf, readPage } from '../../docs/markdown.ts';
import { usersFile } from '../../support/users-file.ts';
import { type ControlPlane, startControlPlane } from '../apiserver/control-plane.ts';
import { program, requirePrograms } from '../apiserver/programs.ts';
import { run, runOrThrow } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { rendered } from './kustomize.ts';

const blocks = blocksOf(readPage('deploy/README.md'));

/** The shell block that has these words, without the lines that need more than an API server. */
function commands(words: string, unless: RegExp): string {
  const found = blocks.find(({ language, text }) => language === 'sh' && text.includes(words));
  assert.ok(found, `deploy/README.md has no block with ${words}`);
  const lines = found.text.split('\n').filter((line) => !unless.test(line));
  return lines.join('\n');
}

void describe('deploy/README.md', { skip: requirePrograms('kube-apiserver', 'etcd', 'kubectl') }, () => {
  const folder = temporaryFolder('readme');
  let plane: ControlPlane;

  const shell = (script: string) => {
    const path = [dirname(program('kubectl')), process.env['PATH'] ?? ''].join(delimiter);
    const env = { PATH: path, KUBECONFIG: plane.adminKubeconfig, HOME: folder };
    return run('bash', ['-euo', 'pipefail', '-c', `cd '${folder}'\n${script}`], { env, timeoutMs: 60_000 });
  };

  before(async () => {
    symlinkSync(DEPLOY, join(folder, 'deploy'));
    writeFileSync(join(folder, 'users.yaml'), usersFile({ username: 'alice', password: 'wonderland' }));
    writeFileSync(join(folder, 'ldap-bind'), 'bind-secret');
    plane = await startControlPlane({ extraArgs: ['--service-cluster-ip-range=10.96.0.0/12'] });
  });
  after(() => plane?.stop());

  void it('makes the certificates and the Secrets, and installs the broker', async () => {
    const prepared = await shell(commands('kind create cluster', /docker|kind |HASH/));
    assert.equal(prepared.exitCode, 0, prepared.stderr);
    const { exitCode, stdout, stderr } = await shell(commands('create secret tls', /rollout status/));
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /secret\/kube-auth-broker-tls created/);
    assert.match(stdout, /daemonset\.apps\/kube-auth-broker created/);
  });

  void it('changes the secrets of the providers', async () => {
    const { exitCode, stdout, stderr } = await shell(commands('--from-file ldap-bind', /exec|check --config/));
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /secret\/kube-auth-broker-secrets configured/);
  });

  void it('has an overlay of ones own that replaces image and configuration', async () => {
    const overlay = join(folder, 'my-broker');
    const kustomization = blocks.find(({ text }) => text.includes('my-broker/kustomization.yaml'));
    const mine = 'apiVersion: kube-auth-broker/v1\nkind: BrokerConfiguration\nproviders: []\n';
    mkdirSync(overlay);
    writeFileSync(join(overlay, 'broker.yaml'), mine);
    const text = String(kustomization?.text).replace('../deploy', relative(overlay, DEPLOY));
    assert.ok(parseYaml(text, 'overlay').length === 1);
    writeFileSync(join(overlay, 'kustomization.yaml'), text);
    const all = rendered(await runOrThrow(program('kubectl'), ['kustomize', overlay]), 'overlay');
    const find = (kind: string): unknown => all.find((value) => at(value, 'kind') === kind);
    assert.equal(at(find('ConfigMap'), 'data', 'broker.yaml'), mine);
    assert.equal(at(find('ConfigMap'), 'metadata', 'name'), 'kube-auth-broker-config');
    const container = at(find('DaemonSet'), 'spec', 'template', 'spec', 'containers', 0);
    assert.equal(at(container, 'image'), 'registry.corp.example/kube-auth-broker:0.1.0');
  });

  void it('installs the certificates and the Service as well', async () => {
    const { exitCode, stderr } = await shell('kubectl apply --dry-run=server -k deploy/kubernetes/service');
    assert.equal(exitCode, 0, stderr);
  });

  void it('leaves nothing behind when it is rolled back', async () => {
    const removed = await shell('kubectl delete --wait=false -k deploy/kubernetes/node-local');
    assert.equal(removed.exitCode, 0, removed.stderr);
    assert.match(removed.stdout, /daemonset\.apps "kube-auth-broker" deleted/);
  });
});
