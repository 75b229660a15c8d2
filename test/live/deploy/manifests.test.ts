// Renders overlays and chart, checks them strictly against the schemas of Kubernetes, and compares the two.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { at, configurationInPod, DEPLOY } from '../../deploy/files.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { kubeconform } from '../tools/kubeconform.ts';
import {
  CHART,
  CHART_VALUES,
  CUSTOM_KINDS,
  helm,
  helmTemplate,
  KUSTOMIZATIONS,
  kustomize,
  rendered,
  settings,
} from './kustomize.ts';

const skip = requirePrograms('kubectl', 'helm', 'kubeconform', 'openapi');

const ofKind = (kind: string, all: readonly unknown[]): unknown => all.find((value) => at(value, 'kind') === kind);

/** The part at `path` of every object of a kind, by name. */
const byName = (all: readonly unknown[], kind: string, path: readonly string[]): unknown =>
  Object.fromEntries(
    all
      .filter((value) => at(value, 'kind') === kind && (kind !== 'ConfigMap' || at(value, ...path) !== undefined))
      .map((value) => [String(at(value, 'metadata', 'name')), at(value, ...path)]),
  );

const PORTAL = ['portal.enabled=true', 'broker.portal.publicURL=https://broker.corp.example', 'broker.issuer.name=x'];

void describe('the overlays', { skip }, () => {
  for (const name of KUSTOMIZATIONS) {
    void it(`${name} renders and is valid`, async () => {
      const { exitCode, stdout, stderr } = await kubeconform(await kustomize(name), CUSTOM_KINDS);
      assert.equal(exitCode, 0, stdout + stderr);
    });
  }

  void it('is a static pod that is valid', async () => {
    const manifest = readFileSync(join(DEPLOY, 'kubernetes/static-pod/kube-auth-broker.yaml'), 'utf8');
    const { exitCode, stdout, stderr } = await kubeconform(manifest);
    assert.equal(exitCode, 0, stdout + stderr);
  });

  for (const name of ['node-local', 'service'] as const) {
    void it(`${name} mounts a configuration that the broker takes`, async () => {
      const map = ofKind('ConfigMap', rendered(await kustomize(name), name));
      assert.equal(at(map, 'metadata', 'name'), 'kube-auth-broker-config');
      assert.deepEqual(configurationInPod(String(at(map, 'data', 'broker.yaml'))).warnings, []);
    });
  }

  void it('node-local probes on the loopback address of the node, and its namespace allows the host network', async () => {
    const all = rendered(await kustomize('node-local'), 'node-local');
    const spec = at(ofKind('DaemonSet', all), 'spec', 'template', 'spec');
    assert.equal(at(spec, 'hostNetwork'), true);
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      assert.equal(at(spec, 'containers', 0, probe, 'httpGet', 'host'), '127.0.0.1');
    }
    const labels = at(ofKind('Namespace', all), 'metadata', 'labels');
    assert.equal(at(labels, 'pod-security.kubernetes.io/enforce'), 'privileged');
  });
});

void describe('the chart', { skip }, () => {
  for (const [name, values] of Object.entries(CHART_VALUES)) {
    void it(`lints strictly (${name})`, async () => {
      const { exitCode, stdout, stderr } = await helm(['lint', '--strict', CHART, ...settings(values)]);
      assert.equal(exitCode, 0, stdout + stderr);
    });

    void it(`renders and is valid (${name})`, async () => {
      const { exitCode, stdout, stderr } = await kubeconform(await helmTemplate(values), CUSTOM_KINDS);
      assert.equal(exitCode, 0, stdout + stderr);
    });

    void it(`mounts a configuration that the broker takes (${name})`, async () => {
      const map = ofKind('ConfigMap', rendered(await helmTemplate(values), name));
      assert.deepEqual(configurationInPod(String(at(map, 'data', 'broker.yaml'))).warnings, []);
    });
  }

  for (const [name, kind] of [
    ['node-local', 'DaemonSet'],
    ['service', 'Deployment'],
  ] as const) {
    void it(`runs the very pod of the overlay ${name}`, async () => {
      const podOf = (manifests: string): unknown =>
        JSON.parse(
          JSON.stringify(at(ofKind(kind, rendered(manifests, name)), 'spec', 'template', 'spec')),
          (key, value) =>
            // Several releases may live in one namespace, so the chart's labels say which one; and it takes the published image.
            key === 'app.kubernetes.io/instance' || key === 'image' ? undefined : value,
        );
      assert.deepEqual(podOf(await helmTemplate(CHART_VALUES[name])), podOf(await kustomize(name)));
    });
  }

  void it('has the alerts, the dashboard and the certificates of the overlays', async () => {
    const chart = rendered(await helmTemplate(CHART_VALUES.everything), 'chart');
    const overlays = [
      ...rendered(await kustomize('monitoring'), 'monitoring'),
      ...rendered(await kustomize('cert-manager'), 'cert-manager'),
    ];
    const same = (kind: string, ...path: readonly string[]): void =>
      assert.deepEqual(byName(chart, kind, path), byName(overlays, kind, path));
    same('PrometheusRule', 'spec');
    same('ConfigMap', 'data', 'dashboard.json');
    same('Issuer', 'spec');
    same('Certificate', 'spec');
  });

  const refused = [
    { name: 'a value that does not exist', given: ['replica=3'], want: /additional properties 'replica' not allowed/ },
    {
      name: 'a section that the broker does not know',
      given: ['broker.cach.maxEntries=1'],
      want: /'cach' not allowed/,
    },
    { name: 'a mode that does not exist', given: ['mode=sidecar'], want: /mode/ },
    { name: 'mode service without an address', given: ['mode=service'], want: /needs service\.clusterIP/ },
    { name: 'no client name at all', given: ['clientNames=null'], want: /clientNames/ },
    { name: 'a portal that the broker does not serve', given: ['portal.enabled=true'], want: /needs broker\.portal/ },
    {
      name: 'a portal without a port',
      given: ['broker.portal.publicURL=https://broker.corp.example'],
      want: /portal\.enabled is not/,
    },
    {
      name: 'an Ingress that leads nowhere',
      given: ['portal.ingress.enabled=true'],
      want: /lead to the portal/,
    },
    {
      name: 'a route without a Gateway',
      given: [...PORTAL, 'portal.httpRoute.enabled=true'],
      want: /needs portal\.httpRoute\.parentRefs/,
    },
    {
      name: 'revocations where nothing is mounted',
      given: [...PORTAL, 'broker.issuer.revocationsFile=../state/revocations.yaml'],
      want: /where nothing is mounted/,
    },
    {
      name: 'revocations that are lost with the pod',
      given: [...PORTAL, 'state.volume.emptyDir.sizeLimit=1Mi'],
      want: /lost with the pod/,
    },
    {
      name: 'one volume for all nodes',
      given: ['state.claim.enabled=true'],
      want: /in mode node-local give each node a folder/,
    },
    {
      name: 'two places for the state',
      given: ['state.claim.enabled=true', 'state.volume.emptyDir.sizeLimit=1Mi'],
      want: /exclude each other/,
    },
    { name: 'a digest that is none', given: ['image.digest=sha256:abc'], want: /digest/ },
  ];
  for (const { name, given, want } of refused) {
    void it(`refuses ${name}`, async () => {
      await assert.rejects(helmTemplate(given), want);
    });
  }

  void it('says after the installation what comes next, and break-glass first', async () => {
    const dryRun = ['install', 'kube-auth-broker', CHART, '--dry-run=client', '--namespace', 'kube-auth-broker'];
    const { stdout } = await helm([...dryRun, ...settings(CHART_VALUES.service)]);
    const notes = stdout.slice(stdout.indexOf('NOTES:'));
    const order = [
      'BREAK-GLASS FIRST',
      'make-certificates.sh --san 10.96.0.84',
      'kubeconfig webhook --server',
      'verify',
    ];
    const places = order.map((words) => notes.indexOf(words));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(
      places.every((place) => place >= 0),
      notes,
    );
    assert.match(
      notes,
      /https:\/\/10\.96\.0\.84:8443\/authenticate .*--tls-server-name kube-auth-broker\.kube-auth-broker\.svc/,
    );
  });
});
