// Reads clusters and contexts out of a kubeconfig that serves as a template; users and their secrets are never read.

import type { Cluster, Context, KubeconfigTemplate } from '../portal/settings.ts';
import { asData, isJsonList, isJsonObject, isText, type JsonObject, type JsonValue } from '../text/json.ts';
import { firstFault, parseKubernetesYaml } from '../text/yaml.ts';

/** `fault` completes "<file> …". */
export type Template =
  | { readonly template: KubeconfigTemplate; readonly warnings: readonly string[] }
  | { readonly fault: string };

/** As loosely as client-go reads one; contexts that lead to no cluster are left out with a warning. */
export function parseTemplate(text: string): Template {
  const yaml = parseKubernetesYaml(text);
  const fault = firstFault(yaml);
  if (fault !== undefined) return { fault };
  const data = asData(yaml.data);
  const config = isJsonObject(data) ? data : {};
  const clusters = listOf(config['clusters']).map(clusterOf);
  if (clusters.length === 0) return { fault: 'names no clusters: it must be a kubeconfig with clusters[]' };
  const known = clusters.filter((cluster) => cluster !== undefined);
  if (known.length < clusters.length) return { fault: 'has a cluster without name or without cluster.server' };
  const names = new Set(known.map(({ name }) => name));
  if (names.size < known.length) return { fault: 'names a cluster twice' };
  const written = listOf(config['contexts']).map(contextOf);
  const contexts = written.filter((context) => context !== undefined).filter(({ cluster }) => names.has(cluster));
  if (new Set(contexts.map(({ name }) => name)).size < contexts.length) return { fault: 'names a context twice' };
  const current = config['current-context'];
  const isCurrentKnown = contexts.some(({ name }) => name === current);
  return {
    template: { clusters: known, contexts, ...(isText(current) && isCurrentKnown && { currentContext: current }) },
    warnings: [
      ...known.flatMap(fileWarnings),
      ...(contexts.length < written.length ? ['a context leads to no cluster of the file; it is left out'] : []),
      ...(isText(current) && !isCurrentKnown
        ? ['current-context leads to no cluster of the file; it is left out']
        : []),
    ].map((warning) => `portal.kubeconfig.template: ${warning}`),
  };
}

/** What will not work where the kubeconfig is used. */
function fileWarnings({ name, cluster }: Cluster): readonly string[] {
  if (cluster['certificate-authority'] === undefined) return [];
  return [
    `cluster ${name} names a certificate-authority file, which users do not have; use certificate-authority-data`,
  ];
}

function listOf(list: JsonValue | undefined): readonly JsonValue[] {
  return isJsonList(list) ? list : [];
}

function clusterOf(item: JsonValue): Cluster | undefined {
  const { name, cluster } = mapOf(item);
  return isText(name) && isJsonObject(cluster) && typeof cluster['server'] === 'string' ? { name, cluster } : undefined;
}

function contextOf(item: JsonValue): Context | undefined {
  const { name, context } = mapOf(item);
  const { cluster, namespace } = mapOf(context ?? null);
  if (!isText(name) || !isText(cluster)) return undefined;
  return { name, cluster, ...(isText(namespace) && { namespace }) };
}

function mapOf(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}
