// What the configuration says of the portal, checked.

import type { BlockList } from 'node:net';
import type { Address, ServerTls } from '../core/listening.ts';
import type { JsonObject } from '../text/json.ts';
import type { CodeFlowSettings } from '../upstream/oidc/code-flow.ts';

export interface PortalSettings {
  readonly address: Address;
  readonly tls?: ServerTls;
  /** Where people find the portal; always ends with a slash. */
  readonly publicURL: URL;
  /** Path of the endpoint whose chain checks username and password. */
  readonly passwordEndpoint?: string;
  readonly header?: HeaderSignIn;
  /** Buttons of the page, in this order; absent: none. */
  readonly oidc?: readonly OidcSignIn[];
  /** What to hand out; absent: there is no kubeconfig to download. */
  readonly kubeconfig?: KubeconfigTemplate;
}

/** The kubeconfig of somebody whose user is not in it yet. */
export interface KubeconfigTemplate {
  /** At least one; names are unique. */
  readonly clusters: readonly Cluster[];
  /** Empty where the template has none; names are unique, and each leads to one of the clusters. */
  readonly contexts: readonly Context[];
  /** One of the contexts. */
  readonly currentContext?: string;
}

export interface Context {
  readonly name: string;
  /** Name of a cluster. */
  readonly cluster: string;
  readonly namespace?: string;
}

/** Sign-in by a reverse proxy that has authenticated the user; names are lower case. */
export interface HeaderSignIn {
  readonly user: string;
  readonly groups: string;
  readonly groupsDelimiter: string;
  /** Path of the endpoint at which tokens of these people are good. */
  readonly endpoint: string;
  readonly trusted: TrustedPeers;
}

/** Sign-in at an OpenID provider. */
export interface OidcSignIn {
  /** What the button says. */
  readonly name: string;
  /** The name as addresses have it; unique. */
  readonly slug: string;
  /** Where the provider sends the browser back to, below `publicURL`. */
  readonly redirectURL: URL;
  readonly client: CodeFlowSettings;
  /** Which token is reviewed. */
  readonly token: 'id_token' | 'access_token';
  /** Path of the endpoint whose chain reviews it. */
  readonly endpoint: string;
}

/** Whoever sets the headers must be proven by all that is given here. */
export interface TrustedPeers {
  /** One of these must be a name in the client's verified certificate. */
  readonly clientNames?: readonly string[];
  readonly addresses?: BlockList;
}

/** An entry of `clusters` in a kubeconfig, as it was written. */
export interface Cluster {
  readonly name: string;
  readonly cluster: JsonObject;
}
