// Renders the manifests as their users do: with kubectl's kustomize, and with helm.

import { join } from 'node:path';
import { DEPLOY, parseYaml } from '../../deploy/files.ts';
import { program } from '../apiserver/programs.ts';
import { run, runOrThrow } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';

/** Below `deploy/kubernetes/`. */
export const KUSTOMIZATIONS = ['node-local', 'service', 'cert-manager', 'monitoring'] as const;

/** Kinds whose definitions are installed by others. */
export const CUSTOM_KINDS = ['Certificate', 'Issuer', 'ServiceMonitor', 'PrometheusRule'] as const;

export const CHART = join(DEPLOY, 'chart');

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

/** `--set` for each of these. */
export function settings(values: readonly string[]): string[] {
  return values.flatMap((value) => ['--set', value]);
}

/** The text of the rendered chart; throws with helm's own words. */
export async function helmTemplate(values: readonly string[]): Promise<string> {
  const where = ['template', 'kube-auth-broker', CHART, '--namespace', 'kube-auth-broker'];
  const { exitCode, stdout, stderr } = await helm([...where, ...settings(values)]);
  if (exitCode !== 0) throw new Error(`helm template ended with ${exitCode}: ${stderr}`);
  return stdout;
}

export function rendered(manifests: string, name: string): readonly unknown[] {
  return parseYaml(manifests, name).filter((value) => value !== null);
}
