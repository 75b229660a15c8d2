// A kube-apiserver whose webhook is the real broker over mutual TLS, with a real directory and OpenID provider behind it.
import { join } from 'node:path';
import { type OpenidProvider, startOpenidProvider } from '../rig/openid-provider.ts';
import { makePki, type Pki } from '../rig/pki.ts';
import { type Slapd, type SlapdOptions, slapdMissing, startSlapd } from '../rig/slapd.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { ldapProvider, oidcProvider, secretsOf } from '../support/broker-providers.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { requirePrograms } from './programs.ts';

/** The TokenReview versions that kube-apiserver can be told to speak. */
export const VERSIONS = ['v1', 'v1beta1'] as const;

/** For a test's `skip`. */
export function worldMissing(): string | false {
  return requirePrograms('kube-apiserver', 'etcd', 'kubectl') || slapdMissing();
}

export interface WorldOptions {
  readonly version: (typeof VERSIONS)[number];
  /** `--authentication-token-webhook-cache-ttl`. */
  readonly cacheTTL: string;
  readonly slapd?: Omit<SlapdOptions, 'pki'>;
  /** Where kube-apiserver finds its webhook, if not at the broker itself. */
  readonly webhookPort?: (broker: Broker) => Promise<number>;
}

export interface UserInfo {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export interface World {
  readonly pki: Pki;
  readonly slapd: Slapd;
  readonly openid: OpenidProvider;
  readonly broker: Broker;
  readonly plane: ControlPlane;
  /** `kubectl auth whoami` with this token: who kube-apiserver says it is, or what kubectl prints. */
  whoami(token: string): Promise<UserInfo | string>;
  stop(): Promise<void>;
}

export const LOGGED_OUT = 'error: You must be logged in to the server (Unauthorized)\n';

/** About five seconds. Broker and kube-apiserver know of no audience but what is their default. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const folder = temporaryFolder('broker-world');
  const pki = makePki(join(folder, 'pki'));
  const [slapd, openid] = await Promise.all([startSlapd({ pki, ...options.slapd }), startOpenidProvider({ pki })]);
  const broker = await startBroker({
    pki,
    providers: [ldapProvider(slapd), oidcProvider(openid, pki.caFile)],
    settings: { limits: { failedPasswords: { max: 2, window: '5m' } } },
    env: secretsOf(openid),
  });
  const port = (await options.webhookPort?.(broker)) ?? broker.webhookPort;
  const server = `https://127.0.0.1:${port}/authenticate`;
  const webhookKubeconfig = join(folder, 'webhook.kubeconfig');
  const plane = await startControlPlane({
    webhookKubeconfig: writeKubeconfig(webhookKubeconfig, { server, caFile: pki.caFile, client: broker.client }),
    webhookVersion: options.version,
    cacheTTL: options.cacheTTL,
  });
  return {
    pki,
    slapd,
    openid,
    broker,
    plane,
    whoami: (token) => whoami(plane, token),
    stop: async () => {
      await Promise.all([plane.stop(), broker.stop(), slapd.stop(), openid.stop()]);
    },
  };
}

/** `kubectl auth whoami` with this token: who kube-apiserver says it is, or what kubectl prints. */
export async function whoami(plane: ControlPlane, token: string): Promise<UserInfo | string> {
  const { status, stdout, stderr } = await plane.kubectl(['auth', 'whoami', '-o', 'json'], { token });
  if (status !== 0) return stderr;
  const review: { readonly status: { readonly userInfo: UserInfo } } = JSON.parse(stdout);
  return review.status.userInfo;
}
