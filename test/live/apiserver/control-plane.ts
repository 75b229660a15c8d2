// Starts a real kube-apiserver whose only token authenticator is the webhook under test, as a cluster administrator would.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { run } from '../rig/command.ts';
import { type KeyPair, makePki, type Pki } from '../rig/pki.ts';
import { type ServerProcess, startProcess } from '../rig/process.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { freePort, waitFor } from '../rig/wait.ts';
import { type Etcd, startEtcd } from './etcd.ts';
import { type KubeconfigSpec, writeKubeconfig } from './kubeconfig.ts';
import { program } from './programs.ts';

export { startEtcd } from './etcd.ts';

/** What kube-apiserver takes for granted when a review asks for no audience: its service account issuer. */
export const API_AUDIENCE = 'https://kubernetes.default.svc';

export interface ControlPlaneOptions {
  /** File for `--authentication-token-webhook-config-file`; without it no token at all is accepted. */
  readonly webhookKubeconfig?: string;
  /** The TokenReview version that is asked for; default v1 (kube-apiserver's own default is v1beta1). */
  readonly webhookVersion?: 'v1' | 'v1beta1';
  /** `--authentication-token-webhook-cache-ttl` as a Go duration; default 2s. Accepted tokens stay 10 s longer, always. */
  readonly cacheTTL?: string;
  /** Default RBAC, which leaves anonymous requests on; `AlwaysAllow` turns them off, whatever the flags say. */
  readonly authorizationMode?: string;
  /** Flags put last, so that they win over the ones of this file. */
  readonly extraArgs?: readonly string[];
  /** Stored under a prefix of its own in this etcd, which is left running at `stop`; default an etcd of its own. */
  readonly etcd?: Etcd;
}

export interface KubectlResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ControlPlane {
  readonly server: string;
  readonly caFile: string;
  /** A client certificate with `O=system:masters`: works whatever the webhook does. */
  readonly adminKubeconfig: string;
  /** Its certificates, to make further clients of the same cluster. */
  readonly pki: Pki;
  readonly logFile: string;
  /** Runs kubectl as the administrator, or with `--token` as nobody else; each control plane has its own kubectl cache. */
  kubectl(args: readonly string[], as?: { readonly token?: string }): Promise<KubectlResult>;
  /** Ends kube-apiserver, and its etcd if it came with one. Never throws; a second call does nothing. */
  stop(): Promise<void>;
}

let started = 0;

/** Resolves when `/readyz` says ok (RBAC roles are there then), after about 4 s; fails with the end of the log. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const command = program('kube-apiserver');
  const directory = temporaryFolder('apiserver');
  const pki = makePki(join(directory, 'pki'));
  const port = await freePort();
  const server = `https://127.0.0.1:${port}`;
  const adminCertificate = pki.client('admin', ['system:masters']);
  const etcd = options.etcd ?? (await startEtcd());
  const apiserver = startProcess({
    name: 'kube-apiserver',
    command,
    directory,
    args: [...serverArguments(directory, port, pki, etcd), ...webhookArguments(options), ...(options.extraArgs ?? [])],
  });
  const stop = async () => {
    await apiserver.stop();
    if (options.etcd === undefined) await etcd.stop();
  };
  try {
    await waitFor(`kube-apiserver at ${server}/readyz`, () => isReady(port, pki, adminCertificate, apiserver), 90_000);
  } catch (error) {
    await stop();
    throw new Error(`kube-apiserver did not start:\n${apiserver.output().slice(-4000)}`, { cause: error });
  }
  const adminKubeconfig = writeKubeconfig(join(directory, 'admin.kubeconfig'), {
    server,
    caFile: pki.caFile,
    client: adminCertificate,
  });
  return {
    server,
    caFile: pki.caFile,
    adminKubeconfig,
    pki,
    logFile: join(directory, 'kube-apiserver.log'),
    kubectl: makeKubectl(directory, adminKubeconfig, { server, caFile: pki.caFile }),
    stop,
  };
}

function makeKubectl(home: string, adminKubeconfig: string, cluster: KubeconfigSpec): ControlPlane['kubectl'] {
  const anonymousKubeconfig = writeKubeconfig(join(home, 'anonymous.kubeconfig'), cluster);
  return async (args, { token } = {}) => {
    const env = { HOME: home, KUBECONFIG: token === undefined ? adminKubeconfig : anonymousKubeconfig };
    const all = token === undefined ? args : ['--token', token, ...args];
    const { exitCode, stdout, stderr } = await run(program('kubectl'), all, { env, timeoutMs: 60_000 });
    return { status: exitCode, stdout, stderr };
  };
}

function serverArguments(directory: string, port: number, pki: Pki, etcd: Etcd): string[] {
  const serviceAccountKey = join(directory, 'service-account.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  started += 1;
  return [
    `--etcd-servers=${etcd.url}`,
    `--etcd-prefix=/registry-${process.pid}-${started}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${pki.server.certFile}`,
    `--tls-private-key-file=${pki.server.keyFile}`,
    `--cert-dir=${join(directory, 'certs')}`,
    `--client-ca-file=${pki.clientCA.certFile}`,
    `--service-account-issuer=${API_AUDIENCE}`,
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    // Without a default route kube-apiserver finds no address to advertise and does not start.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    '-v=4',
  ];
}

function webhookArguments(options: ControlPlaneOptions): string[] {
  const authorization = [`--authorization-mode=${options.authorizationMode ?? 'RBAC'}`];
  if (options.webhookKubeconfig === undefined) return authorization;
  return [
    ...authorization,
    `--authentication-token-webhook-config-file=${options.webhookKubeconfig}`,
    `--authentication-token-webhook-version=${options.webhookVersion ?? 'v1'}`,
    `--authentication-token-webhook-cache-ttl=${options.cacheTTL ?? '2s'}`,
  ];
}

/** Asks with the admin certificate: anonymous may read /readyz only after the RBAC roles are there, or never. */
function isReady(port: number, pki: Pki, admin: KeyPair, apiserver: ServerProcess): Promise<true | undefined> {
  if (apiserver.hasExited()) throw new Error('kube-apiserver has ended');
  const tls = { ca: readFileSync(pki.caFile), cert: readFileSync(admin.certFile), key: readFileSync(admin.keyFile) };
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: 5000, ...tls }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 || undefined);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(undefined));
  });
}
