// Kubeconfigs for the clusters of the template: with a way to sign in, with a token, or with a place for one.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { sendError, sendFile } from './answer.ts';
import type { Portal } from './portal.ts';
import type { KubeconfigTemplate, PortalSettings } from './settings.ts';

export const KUBECONFIG_NAME = 'kubeconfig.yaml';
export const NO_TEMPLATE = 'portal.kubeconfig.template is not configured';

/** Go's YAML parser reads `no`, `12:30` and `0777` as no text; in quotes everything is. */
const QUOTED = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const;

/** `GET /kubeconfig`, for everyone: it names clusters and holds no secret. 501 without a template. */
export function getKubeconfig({ settings }: Portal, _request: IncomingMessage, response: ServerResponse): void {
  const { kubeconfig, publicURL } = settings;
  if (kubeconfig === undefined) return sendError(response, 501, NO_TEMPLATE);
  const yaml = canLogIn(settings) ? loginKubeconfig(kubeconfig, publicURL) : emptyKubeconfig(kubeconfig, publicURL);
  sendFile(response, KUBECONFIG_NAME, yaml);
}

/** True when `kube-auth-broker login` gets a token here. */
export function canLogIn({ passwordEndpoint }: PortalSettings): boolean {
  return passwordEndpoint !== undefined;
}

/** Names of the user, one for each portal: merging the kubeconfigs of two must not send a token of one to the other. */
export function userNames({ host, pathname }: URL): { readonly login: string; readonly token: string } {
  const place = host + pathname.replace(/\/$/, '');
  return { login: `kube-auth-broker@${place}`, token: `kube-auth-broker-token@${place}` };
}

/** What `--server` takes: without the slash at the end. */
export function serverOf(publicURL: URL): string {
  return publicURL.href.replace(/\/$/, '');
}

export function tokenKubeconfig(template: KubeconfigTemplate, publicURL: URL, token: string): string {
  return kubeconfigOf(template, userNames(publicURL).token, { token });
}

/** kubectl runs `kube-auth-broker login` (k8s.io/client-go, client.authentication.k8s.io/v1). */
export function loginKubeconfig(template: KubeconfigTemplate, publicURL: URL): string {
  return kubeconfigOf(template, userNames(publicURL).login, {
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

/** Where only a proxy signs people in, there is nothing that kubectl could run: the page gives the token. */
function emptyKubeconfig(template: KubeconfigTemplate, publicURL: URL): string {
  const user = userNames(publicURL).token;
  const hint = `# ${publicURL.href} shows the command that puts your token into the user ${user}.\n`;
  return hint + kubeconfigOf(template, user, {});
}

/** The template's contexts with this user; where it has none they are named like their clusters, as kubehook did. */
function kubeconfigOf(
  { clusters, contexts, currentContext }: KubeconfigTemplate,
  user: string,
  credential: { readonly exec: object } | { readonly token: string } | Record<string, never>,
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
