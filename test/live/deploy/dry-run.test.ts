// Sends everything that deploy/ renders to a real kube-apiserver, which checks what no schema can and stores nothing.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { at, text } from '../../deploy/files.ts';
import { inOrder } from '../../support/settled.ts';
import { type ControlPlane, startControlPlane } from '../apiserver/control-plane.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { definitions } from './definitions.ts';
import { CHART_VALUES, helmTemplate, KUSTOMIZATIONS, kustomize, rendered } from './kustomize.ts';

const missing = requirePrograms('kube-apiserver', 'etcd', 'kubectl', 'helm');
const custom = definitions();

void describe('a real kube-apiserver', { skip: missing || custom.skip }, () => {
  const folder = temporaryFolder('dry-run');
  let plane: ControlPlane;

  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await plane.kubectl(args);
    assert.equal(status, 0, stderr);
    // Deprecated versions and what pod security would refuse are warnings, and none is wanted.
    assert.equal(stderr, '');
    return stdout;
  };
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const dryRun = async (name: string, manifests: string): Promise<number> => {
    const taken = await kubectl(
      'apply',
      '--dry-run=server',
      '--validate=strict',
      '-f',
      file(`${name}.yaml`, manifests),
    );
    return taken.match(/\(server dry run\)/g)?.length ?? 0;
  };

  /** Really, because a dry run does not relabel the namespace that the other objects of the run are judged by. */
  const useNamespaceOf = async (manifests: string): Promise<void> => {
    const own = rendered(manifests, 'overlay').find((value) => at(value, 'kind') === 'Namespace');
    const base = text('kubernetes/base/namespace.yaml');
    await kubectl('apply', '-f', file('namespace.yaml', own === undefined ? base : stringify(own)));
  };

  before(async () => {
    plane = await startControlPlane({ extraArgs: ['--service-cluster-ip-range=10.96.0.0/12'] });
    await inOrder(custom.files, (path) => kubectl('create', '-f', path));
    await kubectl('wait', '--for=condition=Established', 'customresourcedefinition', '--all', '--timeout=30s');
  });
  after(() => plane?.stop());

  for (const name of KUSTOMIZATIONS) {
    void it(`takes the overlay ${name} without a warning`, async () => {
      const manifests = await kustomize(name);
      await useNamespaceOf(manifests);
      assert.equal(await dryRun(name, manifests), rendered(manifests, name).length);
    });
  }

  for (const [name, values] of Object.entries(CHART_VALUES).filter(([mode]) => mode !== 'node-local')) {
    void it(`takes the chart without a warning (${name})`, async () => {
      const manifests = await helmTemplate(values);
      assert.equal(await dryRun(`chart-${name}`, manifests), rendered(manifests, name).length);
    });
  }

  void it('takes the chart for control-plane nodes once the namespace allows the host network', async () => {
    await useNamespaceOf(await kustomize('node-local'));
    const manifests = await helmTemplate(CHART_VALUES['node-local']);
    assert.equal(await dryRun('chart-node-local', manifests), rendered(manifests, 'chart').length);
  });

  void it('takes the static pod', async () => {
    assert.equal(await dryRun('static-pod', text('kubernetes/static-pod/kube-auth-broker.yaml')), 1);
  });

  void it('lets the pod of the Service into a namespace that enforces the restricted level', async () => {
    const manifests = await kustomize('service');
    await useNamespaceOf(manifests);
    const all = rendered(manifests, 'service');
    const template = at(
      all.find((value) => at(value, 'kind') === 'Deployment'),
      'spec',
      'template',
    );
    const metadata = { name: 'broker', namespace: 'kube-auth-broker' };
    const pod = stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: at(template, 'spec') });
    assert.equal(await dryRun('pod', pod), 1);
  });

  void it('keeps the pod of the nodes out of such a namespace, which is why its overlay labels it otherwise', async () => {
    await useNamespaceOf(await kustomize('service'));
    const all = rendered(await kustomize('node-local'), 'node-local');
    const template = at(
      all.find((value) => at(value, 'kind') === 'DaemonSet'),
      'spec',
      'template',
    );
    const metadata = { name: 'broker', namespace: 'kube-auth-broker' };
    const pod = stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: at(template, 'spec') });
    const { status, stderr } = await plane.kubectl(['apply', '--dry-run=server', '-f', file('refused.yaml', pod)]);
    assert.notEqual(status, 0);
    assert.match(stderr, /violates PodSecurity "restricted:latest".*host namespaces/s);
  });
});
