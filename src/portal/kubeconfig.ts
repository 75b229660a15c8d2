// Writes kubeconfigs for the clusters of the template, with a way to sign in instead of a secret, or with a token.

import { stringify } from 'yaml';
import type { Cluster } from './settings.ts';

type User = { readonly exec: object } | { readonly token: string };

/** Go's YAML parser reads `no`, `12:30` and `0777` as no text; in quotes everything is. */
const QUOTED = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const;

/** The name of the only user; contexts are named like their clusters, as kubehook did. */
const USER = 'kube-auth-broker';

/** No secret in it: kubectl runs `kube-auth-broker login` (k8s.io/client-go, client.authentication.k8s.io/v1). */
export function loginKubeconfig(clusters: readonly Cluster[], publicURL: URL): string {
  return kubeconfig(clusters, USER, {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'kube-auth-broker',
      args: ['login', '--server', serverOf(publicURL)],
      interactiveMode: 'IfAvailable',
      provideClusterInfo: false,
      installHint: `kube-auth-broker is not installed. Install it and put it in PATH, or get a token at ${publicURL.href}`,
    },
  });
}

export function tokenKubeconfig(clusters: readonly Cluster[], token: string): string {
  return kubeconfig(clusters, USER, { token });
}

/** What `--server` takes: without the slash at the end. */
export function serverOf(publicURL: URL): string {
  return publicURL.href.replace(/\/$/, '');
}

function kubeconfig(clusters: readonly Cluster[], user: string, credential: User): string {
  const contexts = clusters.map(({ name }) => ({ name, context: { cluster: name, user } }));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ name, cluster }) => ({ name, cluster })),
    contexts,
    ...(contexts.length === 1 && { 'current-context': contexts[0]?.name }),
    users: [{ name: user, user: credential }],
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false, ...QUOTED });
}
