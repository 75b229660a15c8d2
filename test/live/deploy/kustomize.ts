// Renders the manifests as their users do: with kubectl's kustomize, and with helm.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEPLOY, parseYaml } from '../../deploy/files.ts';
import { blocksOf, readPage } from '../../docs/markdown.ts';
import { program } from '../apiserver/programs.ts';
import { run, runOrThrow } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';

/** Below `deploy/kubernetes/`. */
export const KUSTOMIZATIONS = ['node-local', 'service', 'cert-manager', 'monitoring'] as const;

/** Kinds whose definitions are installed by others. */
export const CUSTOM_KINDS = [
  'Certificate',
  'Issuer',
  'ServiceMonitor',
  'PrometheusRule',
  'HTTPRoute',
  'BackendTLSPolicy',
] as const;

export const CHART = join(DEPLOY, 'chart');

/** The values in a block of the chart's README. */
function exampleValues(index: number): Readonly<Record<string, unknown>> {
  const block = blocksOf(readPage('deploy/chart/README.md')).filter(({ language }) => language === 'yaml')[index];
  return parse(block?.text ?? '');
}

/** The values of each way to run the chart; together they render every template. */
export const CHART_VALUES = {
  'node-local': [],
  service: ['mode=service', 'service.clusterIP=10.96.0.84'],
  everything: [
    'mode=service',
    'service.clusterIP=10.96.0.84',
    'certManager.enabled=true',
    'serviceMonitor.enabled=true',
    'prometheusRule.enabled=true',
    'dashboard.enabled=true',
    'imagePullSecrets[0].name=pull',
    'podAnnotations.example\\.org/owner=platform',
    'tolerations[0].operator=Exists',
    'serviceMonitor.labels.release=prometheus',
    'prometheusRule.labels.release=prometheus',
    `image.digest=sha256:${'0'.repeat(64)}`,
  ],
  portal: exampleValues(0),
  route: {
    ...exampleValues(0),
    portal: { enabled: true, httpRoute: { enabled: true, parentRefs: [{ name: 'edge' }], backendCA: 'portal-ca' } },
  },
  shared: exampleValues(1),
} as const;

/** The text of a rendered kustomization; throws with kustomize's own words. */
export function kustomize(name: string): Promise<string> {
  return runOrThrow(program('kubectl'), ['kustomize', join(DEPLOY, 'kubernetes', name)]);
}

/** Runs helm with a home of its own. */
export function helm(args: readonly string[]) {
  const home = temporaryFolder('helm');
  return run(program('helm'), args, { env: { HOME: home, XDG_CACHE_HOME: home } });
}

/** What is set on a command line, one `path=value` each, or a file of values. */
export type ChartValues = readonly string[] | Readonly<Record<string, unknown>>;

export function settings(values: ChartValues): string[] {
  if (isList(values)) return values.flatMap((value) => ['--set', value]);
  const file = join(temporaryFolder('values'), 'values.yaml');
  writeFileSync(file, stringify(values, { aliasDuplicateObjects: false }));
  return ['--values', file];
}

function isList(values: ChartValues): values is readonly string[] {
  return Array.isArray(values);
}

/** The text of the rendered chart; throws with helm's own words. */
export async function helmTemplate(values: ChartValues, chart = CHART): Promise<string> {
  const where = ['template', 'kube-auth-broker', chart, '--namespace', 'kube-auth-broker'];
  const { exitCode, stdout, stderr } = await helm([...where, ...settings(values)]);
  if (exitCode !== 0) throw new Error(`helm template ended with ${exitCode}: ${stderr}`);
  return stdout;
}

export function rendered(manifests: string, name: string): readonly unknown[] {
  return parseYaml(manifests, name).filter((value) => value !== null);
}
