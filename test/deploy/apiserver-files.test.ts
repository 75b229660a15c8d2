// Holds the files for kubeadm, kind, k3s and RKE2 against each other: same flags, and a mount wherever one is needed.

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { at, document, list, parseYaml } from './files.ts';

const FOLDER = '/etc/kubernetes/kube-auth-broker';

/** kube-apiserver's own default for the lifetime is 2m0s; it is written out because the staleness sum depends on it. */
const FLAGS = {
  'authentication-token-webhook-config-file': `${FOLDER}/webhook.kubeconfig`,
  'authentication-token-webhook-version': 'v1',
  'authentication-token-webhook-cache-ttl': '2m0s',
};

/** `name=value` as k3s and RKE2 take flags. */
const written = (file: string): unknown =>
  Object.fromEntries(
    list(document(file), 'kube-apiserver-arg').map((flag) => {
      const [name = '', value = ''] = String(flag).split('=');
      return [name, value];
    }),
  );

const structured = (configuration: unknown): unknown =>
  Object.fromEntries(
    list(configuration, 'apiServer', 'extraArgs').map((flag) => [String(at(flag, 'name')), at(flag, 'value')]),
  );

const kind = document('apiserver/kind.yaml');
const patches = list(kind, 'kubeadmConfigPatches').flatMap((patch) => parseYaml(String(patch), 'kind.yaml'));
const [v1beta4, v1beta3] = patches;
const kubeadm = document('apiserver/kubeadm.yaml');

void describe('the flags of kube-apiserver', () => {
  for (const { name, given } of [
    { name: 'kubeadm', given: structured(kubeadm) },
    { name: 'kind, kubeadm v1beta4', given: structured(v1beta4) },
    { name: 'kind, kubeadm v1beta3', given: at(v1beta3, 'apiServer', 'extraArgs') },
    { name: 'k3s', given: written('apiserver/k3s.yaml') },
    { name: 'RKE2', given: written('apiserver/rke2.yaml') },
  ]) {
    void it(`are the same three with ${name}`, () => assert.deepEqual(given, FLAGS));
  }
});

void describe('the mount that kube-apiserver needs', () => {
  for (const { name, given, apiVersion } of [
    { name: 'kubeadm', given: kubeadm, apiVersion: 'kubeadm.k8s.io/v1beta4' },
    { name: 'kind, kubeadm v1beta4', given: v1beta4, apiVersion: 'kubeadm.k8s.io/v1beta4' },
    { name: 'kind, kubeadm v1beta3', given: v1beta3, apiVersion: 'kubeadm.k8s.io/v1beta3' },
  ]) {
    void it(`is there with ${name}, for a folder that must exist`, () => {
      assert.equal(at(given, 'apiVersion'), apiVersion);
      assert.deepEqual(list(given, 'apiServer', 'extraVolumes'), [
        { name: 'kube-auth-broker', hostPath: FOLDER, mountPath: FOLDER, pathType: 'Directory', readOnly: true },
      ]);
    });
  }

  void it('is there with RKE2', () => {
    assert.deepEqual(list(document('apiserver/rke2.yaml'), 'kube-apiserver-extra-mount'), [`${FOLDER}:${FOLDER}:ro`]);
  });

  void it('begins outside of the node with kind', () => {
    assert.deepEqual(at(kind, 'nodes', 0, 'extraMounts'), [
      { hostPath: './pki/apiserver', containerPath: FOLDER, readOnly: true },
    ]);
  });
});

for (const file of ['apiserver/node-local.kubeconfig', 'apiserver/service.kubeconfig']) {
  void describe(file, () => {
    const kubeconfig = document(file);
    const context = at(kubeconfig, 'contexts', 0);

    void it('names its cluster and its user', () => {
      assert.equal(at(kubeconfig, 'current-context'), at(context, 'name'));
      assert.equal(at(context, 'context', 'cluster'), at(kubeconfig, 'clusters', 0, 'name'));
      assert.equal(at(context, 'context', 'user'), at(kubeconfig, 'users', 0, 'name'));
    });

    void it('names files beside itself, so that kube-apiserver rereads them when they are renewed', () => {
      const files = [
        at(kubeconfig, 'clusters', 0, 'cluster', 'certificate-authority'),
        at(kubeconfig, 'users', 0, 'user', 'client-certificate'),
        at(kubeconfig, 'users', 0, 'user', 'client-key'),
      ].map(String);
      assert.deepEqual(files, ['ca.crt', 'client.crt', 'client.key']);
      for (const name of files) assert.equal(dirname(name), '.');
    });

    void it('checks the certificate', () => {
      assert.equal(at(kubeconfig, 'clusters', 0, 'cluster', 'insecure-skip-tls-verify'), undefined);
    });
  });
}
