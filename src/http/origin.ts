// Whom a request was meant for, and which site made a browser send it: nobody else may sign somebody in, mint or revoke.

import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { isLoopbackHost } from '../core/listening.ts';

type Asked = Pick<IncomingMessage, 'headers' | 'socket'>;

/**
 * True when the request names another host than the public one, as after DNS rebinding. The address at which it arrived, and
 * `localhost` where that is a loopback address, are names that no other site can have; ports are not compared, since a
 * forwarded port has another number.
 */
export function isOtherHost({ headers, socket }: Asked, publicURL: URL): boolean {
  const name = hostname(headers.host);
  if (name === undefined) return true;
  return name !== publicURL.hostname && !isOwnAddress(name, socket.localAddress);
}

/**
 * True when a browser says that the request comes from another site (Fetch Metadata, `Sec-Fetch-Site`; RFC 6454 §7,
 * `Origin`). A client that says neither is no browser.
 */
export function isCrossSite({ headers, socket }: Asked, publicURL: URL): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin, host } = headers;
  if (origin === undefined) return false;
  // In between there may be a proxy that ends TLS: then only the public URL knows how the page was loaded.
  const ofSocket = socket instanceof TLSSocket ? 'https:' : 'http:';
  const protocol = hostname(host) === publicURL.hostname ? publicURL.protocol : ofSocket;
  const from = URL.parse(origin)?.origin;
  return from === undefined || (from !== publicURL.origin && from !== URL.parse(`${protocol}//${host}`)?.origin);
}

/** True when a browser fetches ahead what nobody has asked for yet (Fetch, `Sec-Purpose`; older names beside it). */
export function isPrefetch({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return [headers['sec-purpose'], headers['purpose'], headers['x-moz']].some((value) =>
    /prefetch|preview/i.test(String(value)),
  );
}

/** As a URL has it: lower case, without the port; undefined for what is no host alone (RFC 9110 §7.2). */
function hostname(host: string | undefined): string | undefined {
  return host !== undefined && /^[\w.:[\]-]+$/.test(host) ? URL.parse(`http://${host}`)?.hostname : undefined;
}

function isOwnAddress(name: string, localAddress = ''): boolean {
  // An IPv4 client of an IPv6 socket arrives at ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2).
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  return (
    name === (address.includes(':') ? `[${address}]` : address) || (name === 'localhost' && isLoopbackHost(address))
  );
}
