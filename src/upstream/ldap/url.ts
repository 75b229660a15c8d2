// Reads the address of a directory server.

import { isIP } from 'node:net';

/** One server. */
export interface LdapUrl {
  /** As log lines and errors name it: scheme, host and port. */
  readonly href: string;
  /** `ldaps`: TLS from the first byte. */
  readonly secure: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
}

/** The address, or a sentence that says what is wrong with it. */
export function parseLdapUrl(text: string): LdapUrl | string {
  const url = URL.parse(text);
  if (url === null || !/^ldaps?:$/.test(url.protocol)) return 'must be an address such as ldaps://dc1.corp.example:636';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password; use bind';
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    return 'must end after the host and port; write base DN, scope and filter under userSearch';
  }
  const host = url.hostname.replace(/^\[(?<inner>.*)\]$/, '$<inner>');
  if (isIP(host) === 0 && !/^[A-Za-z0-9._-]+$/.test(host)) return 'must name a host';
  const secure = url.protocol === 'ldaps:';
  const port = url.port === '' ? (secure ? 636 : 389) : Number(url.port);
  if (port === 0) return 'must not have port 0';
  return { href: `${url.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`, secure, host, port };
}

/** True for `localhost`, 127.0.0.0/8 and ::1: what is sent there does not leave the machine. */
export function isLoopback(url: LdapUrl): boolean {
  const host = url.host.toLowerCase();
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
