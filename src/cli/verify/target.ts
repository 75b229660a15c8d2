// Where every step goes, and the TLS with which Go would go there.

import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { type Environment, hostOf, type Proxy, proxyFor, tunnel } from '../../upstream/http/proxy.ts';
import { trustIn } from '../../upstream/http/tls.ts';
import type { Kubeconfig } from '../../upstream/kubernetes/kubeconfig.ts';

/** A kubeconfig, and the address that answered or the proxy that leads to it. */
export interface Target {
  readonly kubeconfig: Kubeconfig;
  readonly address: string;
  readonly port: number;
  readonly proxy?: Proxy;
}

/**
 * The proxy of the kubeconfig, else of the environment, which client-go asks as well. Throws a ProxyFault. Over plain http
 * none: that is for a loopback address.
 */
export function proxyOf({ url, proxy }: Kubeconfig, env: Environment): Proxy | undefined {
  if (url.protocol === 'http:') return undefined;
  return proxy === undefined ? proxyFor(url, env) : { url: proxy, variable: 'proxy-url' };
}

/** A connection of its own through the proxy; undefined where there is none, and TLS connects by itself. */
export async function socketTo({ kubeconfig, proxy }: Target, timeoutMs: number): Promise<Socket | undefined> {
  return proxy && tunnel(proxy, kubeconfig.url, AbortSignal.timeout(timeoutMs));
}

/** The name that must be in the certificate, and that is sent as SNI unless it is an address. */
export function expectedName(kubeconfig: Kubeconfig): string {
  return kubeconfig.serverName ?? hostOf(kubeconfig.url);
}

/**
 * As Go's crypto/tls: every certificate of the CA file is an anchor, also one that is no root; names come from the subject
 * alternative names alone; an address is never sent as SNI.
 */
export function tlsOptions(
  { kubeconfig, address, port }: Target,
  client: Kubeconfig['client'],
): ConnectionOptions & { readonly servername: string } {
  const { ca, insecure } = kubeconfig;
  const expected = expectedName(kubeconfig);
  return {
    host: address,
    port,
    servername: isIP(expected) === 0 ? expected : '',
    ...trustIn(ca ?? getCACertificates('system')),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: !insecure,
    checkServerIdentity: (_host, { raw }) => {
      const fault = nameFault(new X509Certificate(raw), expected);
      return fault === undefined ? undefined : new Error(fault);
    },
    ...(client && { cert: client.cert, key: client.key.reveal() }),
  };
}

/** Why Go would not take this certificate for `expected` (crypto/x509 VerifyHostname). */
export function nameFault(certificate: X509Certificate, expected: string): string | undefined {
  const names = certificate.subjectAltName;
  if (names === undefined) {
    return 'the certificate has no subject alternative name, and Go ignores the common name; issue one that has a SAN';
  }
  const isGood = isIP(expected) === 0 ? hasDnsName(names, expected) : certificate.checkIP(expected) !== undefined;
  return isGood
    ? undefined
    : `the certificate is for ${names}, not for ${expected}; issue one for ${expected}, or write tls-server-name with one of its names into the kubeconfig`;
}

/** `*` stands for the whole first label and nothing else (crypto/x509 matchHostnames; OpenSSL refuses `*.local`). */
function hasDnsName(names: string, expected: string): boolean {
  const wanted = expected.toLowerCase().replace(/\.$/, '');
  const wildcard = wanted.replace(/^[^.]+\./, '*.');
  return [...names.matchAll(/(?:^|, )DNS:([^",]+)(?=,|$)/g)].some(([, name = '']) => {
    const own = name.toLowerCase();
    return own === wanted || (own === wildcard && wildcard.startsWith('*.'));
  });
}
