// TLS towards an upstream, as node:tls takes it.

import type { ConnectionOptions } from 'node:tls';
import type { Secret } from '../../core/secret.ts';

/** TLS towards an upstream: `tls{caFile,certFile,keyFile,serverName}`, files already read. */
export interface UpstreamTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly serverName?: string;
}

type TlsOptions = Pick<ConnectionOptions, 'rejectUnauthorized' | 'minVersion' | 'ca' | 'cert' | 'key' | 'servername'>;

/**
 * A configured authority replaces the built-in ones. Verification is said aloud because NODE_TLS_REJECT_UNAUTHORIZED in the
 * environment would otherwise turn it off.
 */
export function tlsOptions(tls: UpstreamTls | undefined): TlsOptions {
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}
