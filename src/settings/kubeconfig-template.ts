// Reads the clusters out of a kubeconfig that serves as a template; users, contexts and their secrets are never read.

import { parseDocument } from 'yaml';
import type { Cluster } from '../portal/settings.ts';
import { asData, isJsonList, isJsonObject, type JsonValue } from '../text/json.ts';

/** `fault` completes "<file> …". */
export type Template = { readonly clusters: readonly Cluster[] } | { readonly fault: string };

export function parseTemplate(text: string): Template {
  const document = parseDocument(text, { version: '1.2', uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) return { fault: 'is not valid YAML' };
  const config = asData(document.toJS({ maxAliasCount: 0 }));
  const list: JsonValue | undefined = isJsonObject(config) ? config['clusters'] : undefined;
  const clusters = isJsonList(list) ? list.map(clusterOf) : [];
  if (clusters.length === 0) return { fault: 'names no clusters: it must be a kubeconfig with clusters[]' };
  const known = clusters.filter((cluster) => cluster !== undefined);
  if (known.length < clusters.length) return { fault: 'has a cluster without name or without cluster.server' };
  const isUnique = new Set(known.map(({ name }) => name)).size === known.length;
  return isUnique ? { clusters: known } : { fault: 'names a cluster twice' };
}

/** Sentences about clusters that will not work where the kubeconfig is used. */
export function templateWarnings(clusters: readonly Cluster[]): readonly string[] {
  return clusters
    .filter(({ cluster }) => cluster['certificate-authority'] !== undefined)
    .map(
      ({ name }) =>
        `portal.kubeconfig.template: cluster ${name} names a certificate-authority file, which users do not have; use certificate-authority-data`,
    );
}

function clusterOf(item: JsonValue): Cluster | undefined {
  if (!isJsonObject(item)) return undefined;
  const { name, cluster } = item;
  if (typeof name !== 'string' || name === '' || !isJsonObject(cluster)) return undefined;
  return typeof cluster['server'] === 'string' ? { name, cluster } : undefined;
}
