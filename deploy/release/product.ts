// What a release is called, and where its files are found: everything follows from package.json.

import { fileURLToPath } from 'node:url';
import pkg from '../../package.json' with { type: 'json' };

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const VERSION: string = pkg.version;
export const TAG = `v${VERSION}`;
export const LICENSE: string = pkg.license;
/** `https://github.com/owner/name`. */
export const REPOSITORY: string = pkg.repository.url.replace(/^git\+|\.git$/g, '');
export const DOWNLOADS = `${REPOSITORY}/releases/download/${TAG}`;

/** Without tag. */
export const IMAGE = REPOSITORY.replace('https://github.com', 'ghcr.io');
/** Where `helm push` goes; the chart's name is added. */
export const REGISTRY_OF_CHARTS = `oci://${IMAGE.slice(0, IMAGE.lastIndexOf('/'))}/charts`;

/** Programs that are made into single files. */
export type Program = 'kubectl-broker' | 'kube-auth-broker';

/** What the kubectl plugin is, for people who look for it. */
export const PLUGIN_SUMMARY = 'Sign in at kube-auth-broker';
export const PLUGIN_DESCRIPTION = `Gets short-lived tokens for kubectl from the portal of kube-auth-broker, the token webhook for
clusters whose people are in LDAP, Active Directory or an OpenID provider.
A kubeconfig names it as its credential plugin; "kubectl broker status" says who is signed in.`;
