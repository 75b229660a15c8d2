// TLS of every outbound connection: who is trusted, and what is presented.

import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Secret } from '../../core/secret.ts';

/** TLS towards an upstream: `tls{caFile,certFile,keyFile,serverName}`, files already read. */
export interface UpstreamTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly serverName?: string;
}

type TlsOptions = Pick<
  ConnectionOptions,
  'rejectUnauthorized' | 'minVersion' | 'ca' | 'cert' | 'key' | 'servername'
> & {
  readonly allowPartialTrustChain: true;
};

/**
 * Everything that node:tls needs. Verification is said aloud because NODE_TLS_REJECT_UNAUTHORIZED in the environment would
 * otherwise turn it off.
 */
export function tlsOptions(tls: UpstreamTls | undefined): TlsOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...trustIn(tls?.ca ?? systemAuthorities()),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

/**
 * The same for many connections: the context is made once, because reading some hundred authorities takes 25 ms. Throws when
 * {@link tlsFault} finds a fault.
 */
export function tlsWithContext(
  tls: UpstreamTls | undefined,
): Pick<ConnectionOptions, 'rejectUnauthorized' | 'servername' | 'secureContext'> {
  const isPlain = tls?.ca === undefined && tls?.cert === undefined;
  return {
    rejectUnauthorized: true,
    secureContext: isPlain ? sharedContext() : createSecureContext(tlsOptions(tls)),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

/** Trusts these authorities alone. Each is an anchor, also one that is no root, as for Go programs. */
export function trustIn(ca: string | readonly string[]): Pick<TlsOptions, 'ca' | 'allowPartialTrustChain'> {
  return { ca: typeof ca === 'string' ? ca : [...ca], allowPartialTrustChain: true };
}

/** What is wrong with the files, or undefined. */
export function tlsFault(tls: UpstreamTls): string | undefined {
  try {
    // A context takes any text for an authority, and then trusts none.
    if (tls.ca !== undefined) new X509Certificate(tls.ca).toString();
    createSecureContext(tlsOptions(tls));
    return undefined;
  } catch {
    return 'caFile, certFile and keyFile must be PEM, and the key must belong to the certificate';
  }
}

let authorities: readonly string[] | undefined;
let shared: SecureContext | undefined;

/** The store of the operating system, and the authorities of Node.js with NODE_EXTRA_CA_CERTS; read once per process. */
function systemAuthorities(): readonly string[] {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return authorities;
}

function sharedContext(): SecureContext {
  shared ??= createSecureContext(tlsOptions(undefined));
  return shared;
}
