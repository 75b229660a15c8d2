// Writes kubeconfigs for the clusters of the template, with a way to sign in instead of a secret, or with a token.

import { stringify } from 'yaml';
import type { KubeconfigTemplate } from './settings.ts';

type User = { readonly exec: object } | { readonly token: string };

/** Go's YAML parser reads `no`, `12:30` and `0777` as no text; in quotes everything is. */
const QUOTED = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const;

/** The name of the only user. */
const USER = 'kube-auth-broker';

/** No secret in it: kubectl runs `kube-auth-broker login` (k8s.io/client-go, client.authentication.k8s.io/v1). */
export function loginKubeconfig(template: KubeconfigTemplate, publicURL: URL): string {
  return kubeconfig(template, USER, {
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

export function tokenKubeconfig(template: KubeconfigTemplate, token: string): string {
  return kubeconfig(template, USER, { token });
}

/** What `--server` takes: without the slash at the end. */
export function serverOf(publicURL: URL): string {
  return publicURL.href.replace(/\/$/, '');
}

/** The template's contexts with this user; where it has none they are named like their clusters, as kubehook did. */
function kubeconfig(
  { clusters, contexts, currentContext }: KubeconfigTemplate,
  user: string,
  credential: User,
): string {
  const ways = contexts.length > 0 ? contexts : clusters.map(({ name }) => ({ name, cluster: name }));
  const current = currentContext ?? (ways.length === 1 ? ways[0]?.name : undefined);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: clusters.map(({ name, cluster }) => ({ name, cluster })),
    contexts: ways.map(({ name, ...context }) => ({ name, context: { ...context, user } })),
    ...(current !== undefined && { 'current-context': current }),
    users: [{ name: user, user: credential }],
  };
  return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false, ...QUOTED });
}
