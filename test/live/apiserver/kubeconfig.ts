// Writes the kubeconfig files that kubectl and kube-apiserver read; JSON is YAML, so no writer of YAML is needed.
import { writeFileSync } from 'node:fs';
import type { KeyPair } from '../rig/pki.ts';

export interface KubeconfigSpec {
  /** For kubectl the API server; for kube-apiserver's webhook the whole URL, path included. */
  readonly server: string;
  readonly caFile?: string;
  readonly client?: KeyPair;
  readonly tokenFile?: string;
}

/** Writes `file` with the one context `live` and returns its name. */
export function writeKubeconfig(file: string, spec: KubeconfigSpec): string {
  const { server, caFile, client, tokenFile } = spec;
  const cluster = { server, ...(caFile !== undefined && { 'certificate-authority': caFile }) };
  const user = {
    ...(client !== undefined && { 'client-certificate': client.certFile, 'client-key': client.keyFile }),
    ...(tokenFile !== undefined && { tokenFile }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'live',
    clusters: [{ name: 'live', cluster }],
    users: [{ name: 'live', user }],
    contexts: [{ name: 'live', context: { cluster: 'live', user: 'live' } }],
  };
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return file;
}
