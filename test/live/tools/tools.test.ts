// Proves that helm and kubeconform of the live rig work without a network, and that kubeconform is strict.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { program, requirePrograms } from '../apiserver/programs.ts';
import { run } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { kubeconform } from './kubeconform.ts';

const deployment = (container: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec:
  selector: { matchLabels: { app: d } }
  template:
    metadata: { labels: { app: d } }
    spec:
      containers: [{ name: c, image: x, ${container} }]
`;

const rows = [
  {
    name: 'a good manifest is valid, with numbers for quantities and names for ports',
    given: deployment('resources: { limits: { cpu: 1, memory: 1Gi } }, livenessProbe: { httpGet: { port: http } }'),
    want: { exitCode: 0, output: /Valid: 1, Invalid: 0, Errors: 0/ },
  },
  {
    name: 'a misspelt field is invalid',
    given: deployment('imagee: y'),
    want: { exitCode: 1, output: /additional properties 'imagee' not allowed/ },
  },
  {
    name: 'a wrong type is invalid',
    given: deployment('tty: "yes"'),
    want: { exitCode: 1, output: /got string, want boolean/ },
  },
  {
    name: 'a kind that Kubernetes does not know is an error',
    given: 'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: { name: m }\n',
    want: { exitCode: 1, output: /could not find schema for ServiceMonitor/ },
  },
];

void describe('kubeconform', { skip: requirePrograms('kubeconform', 'openapi') }, () => {
  for (const { name, given, want } of rows) {
    void it(name, async () => {
      const result = await kubeconform(given);
      assert.match(result.stdout + result.stderr, want.output);
      assert.equal(result.exitCode, want.exitCode);
    });
  }

  void it('leaves out the kinds that it is told to skip', async () => {
    const custom = 'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: { name: m }\n';
    assert.match((await kubeconform(custom, ['ServiceMonitor'])).stdout, /Errors: 0, Skipped: 1/);
  });
});

void describe('helm', { skip: requirePrograms('helm') }, () => {
  void it('lints strictly and renders a chart', async () => {
    const folder = temporaryFolder('helm-test');
    mkdirSync(join(folder, 'chart', 'templates'), { recursive: true });
    writeFileSync(join(folder, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: c\nversion: 1.0.0\n');
    const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }} }\n';
    writeFileSync(join(folder, 'chart', 'templates', 'c.yaml'), template);
    const helm = (...args: readonly string[]) => run(program('helm'), args, { env: { HOME: folder } });
    assert.equal((await helm('lint', '--strict', join(folder, 'chart'))).exitCode, 0);
    const rendered = await helm('template', 'mine', join(folder, 'chart'));
    assert.match(rendered.stdout, /kind: ConfigMap\nmetadata: \{ name: mine \}/);
  });
});
