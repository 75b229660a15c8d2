// Where a listener listens and with which certificate; what counts as loopback.

import { isIP } from 'node:net';
import type { Secret } from './secret.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServerTls {
  readonly cert: string;
  readonly key: Secret;
  /** PEM certificates; turns on mutual TLS. */
  readonly clientCA?: string;
  /** One of these must be the client's CN or a DNS or URI SAN; absent: any certificate of `clientCA` will do. */
  readonly clientNames?: readonly string[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Offered by ALPN beside HTTP/1.1, where the listener can speak it. */
  readonly http2?: boolean;
}

/** `host:port`, `[::1]:port`; port 0 takes a free one. Undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const port = Number(parts[3]);
  const host = parts[1] ?? (parts[2] === '' ? '0.0.0.0' : parts[2]);
  return port > 65_535 || host === undefined ? undefined : { host, port };
}

/** `host:port` with the brackets an IPv6 address needs. */
export function formatAddress({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for 127.0.0.0/8, ::1 and localhost; a name that merely resolves there does not count. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
