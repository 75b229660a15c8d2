// Whether the other end of a connection may say who its user is.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TrustedPeers } from './settings.ts';

/** Names in the verified client certificate of a connection; none without mutual TLS. */
export type NamesOf = (request: IncomingMessage) => readonly string[];

/** Everything that the configuration names must hold; what it does not name proves nothing. */
export function isTrusted(request: IncomingMessage, trusted: TrustedPeers, namesOf: NamesOf): boolean {
  const { clientNames, addresses } = trusted;
  if (clientNames === undefined && addresses === undefined) return false;
  if (clientNames !== undefined && !namesOf(request).some((name) => clientNames.includes(name))) return false;
  if (addresses === undefined) return true;
  const address = plainAddress(request.socket.remoteAddress ?? '');
  const version = isIP(address);
  return version !== 0 && addresses.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 client of an IPv6 socket is `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
