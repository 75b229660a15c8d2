// The first steps towards the webhook: its name, and a connection.

import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { errorWord } from '../../text/error-code.ts';
import { type Proxy, ProxyFault, tunnel } from '../../upstream/http/proxy.ts';
import { type Finding, failed, ok, outage, warning } from './finding.ts';

/** Every address of a name; rejects with a node:dns error. */
export type ResolveHost = (name: string) => Promise<readonly string[]>;

const CONNECT_TIMEOUT_MS = 3000;

/** The resolver of this machine (getaddrinfo), which is what kube-apiserver on this node uses. */
export const resolveHere: ResolveHost = async (name) => {
  const addresses = await lookup(name, { all: true });
  return addresses.map(({ address }) => address);
};

export interface Resolved {
  readonly finding: Finding;
  readonly addresses: readonly string[];
}

/** `host` without brackets. */
export async function resolved(host: string, resolveHost: ResolveHost): Promise<Resolved> {
  const step = `resolve ${host}`;
  if (isIP(host) !== 0) return { finding: ok(`address ${host}`), addresses: [host] };
  let addresses: readonly string[];
  try {
    addresses = await resolveHost(host);
  } catch (error) {
    const code = errorWord(error);
    const finding = isClusterName(host)
      ? failed(step, `${code}. ${clusterNameAdvice(host)}`)
      : outage(step, `${code}. Check the name with the node's resolver: getent hosts ${host}`);
    return { finding, addresses: [] };
  }
  const found = addresses.join(', ');
  const finding = isClusterName(host)
    ? warning(
        step,
        `${found}. It resolves here, but needs the cluster's DNS, which needs kube-apiserver. ${clusterNameAdvice(host)}`,
      )
    : ok(step, found);
  return { finding, addresses };
}

/** Tries one address after the other, as Go does; `address` is the first that answers. */
export async function connected(
  addresses: readonly string[],
  port: number,
): Promise<{ readonly finding: Finding; readonly address?: string }> {
  const faults: string[] = [];
  for (const address of addresses) {
    // oxlint-disable-next-line no-await-in-loop -- the next address is for when this one does not answer
    const fault = await connectFault(address, port);
    if (fault === undefined) {
      const step = `connect to ${where(address, port)}`;
      const finding =
        faults.length === 0 ? ok(step) : warning(step, `after ${faults.join(', ')}: every login waits for that`);
      return { finding, address };
    }
    faults.push(`${fault} at ${where(address, port)}`);
  }
  const next =
    'Is the broker running, does it listen at this address and not only at 127.0.0.1, does a firewall let the node in?';
  return { finding: outage(`connect to port ${port}`, `${faults.join(', ')}. ${next}`) };
}

/** Through a proxy neither the name nor the address is this node's business. */
export async function connectedThrough(proxy: Proxy, target: URL): Promise<Finding> {
  const step = `connect through the proxy ${proxy.url.host}`;
  try {
    (await tunnel(proxy, target, AbortSignal.timeout(CONNECT_TIMEOUT_MS))).destroy();
  } catch (error) {
    return outage(step, error instanceof ProxyFault ? error.message : `no answer within ${CONNECT_TIMEOUT_MS / 1000}s`);
  }
  if (proxy.variable === 'proxy-url') return ok(step, 'which the kubeconfig names');
  return warning(
    step,
    `which ${proxy.variable} names here; kube-apiserver looks at its own environment: compare its manifest, or set NO_PROXY`,
  );
}

function connectFault(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const end = (fault: string | undefined): void => {
      socket.destroy();
      resolve(fault);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end(`no answer within ${CONNECT_TIMEOUT_MS / 1000}s`));
    socket.once('error', (error) => end(errorWord(error)));
  });
}

function where(address: string, port: number): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** True for `broker.kube-system.svc` and everything below a cluster domain. */
export function isClusterName(host: string): boolean {
  return /\.svc(?:\.|$)/i.test(host);
}

/** The two ways out; `host` is the name that the certificate has. */
export function clusterNameAdvice(host: string): string {
  return `kube-apiserver resolves names with the node's resolver, which does not know the cluster's DNS. Either give the Service a fixed ClusterIP and write that address into server, with tls-server-name: ${host}; or run the broker on every control-plane node and write https://127.0.0.1:PORT/PATH`;
}
