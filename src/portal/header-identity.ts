// Who a trusted reverse proxy says its user is, and why its word is not taken.

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { enforceIdentity, type IdentityRules, MAX_GROUPS } from '../core/identity.ts';
import type { Holder } from '../issuer/claims.ts';
import { decodeHeaderValue } from '../text/utf8.ts';
import type { HeaderSignIn, TrustedPeers } from './settings.ts';

/** Names in the verified client certificate of a connection; none without mutual TLS. */
export type NamesOf = (request: IncomingMessage) => readonly string[];

export interface NamedUser {
  readonly kind: 'identity';
  readonly holder: Holder;
  /** Where the token of this user will be good. */
  readonly endpoint: string;
}

export interface HeaderFault {
  readonly kind: 'fault';
  readonly status: 400 | 403;
  /** One word for the log. */
  readonly reason: 'untrusted-peer' | 'missing-user' | 'ambiguous-user' | 'invalid-username';
  readonly error: string;
}

const RULES: IdentityRules = {
  reserved: { usernames: [], groups: [] },
  maxGroups: MAX_GROUPS,
  groupsOverLimit: 'reject',
};

/** The peer may not say who its user is, whatever it says. */
export const UNTRUSTED: HeaderFault = {
  kind: 'fault',
  status: 403,
  reason: 'untrusted-peer',
  error: 'this peer may not say who its user is',
};

/** Names are taken as they are; a `system:` username is unusable, `system:` groups and empty ones are dropped. */
export function headerIdentity(
  request: IncomingMessage,
  header: HeaderSignIn,
  namesOf: NamesOf,
): NamedUser | HeaderFault {
  if (!isTrusted(request, header.trusted, namesOf)) return UNTRUSTED;
  const [users, groups] = [valuesOf(request, header.user), valuesOf(request, header.groups)];
  const [user = '', ...otherUsers] = users;
  const [list = '', ...otherLists] = groups;
  // A proxy that added its own header to one that its client sent may also have joined the two (RFC 9110 §5.3).
  if (otherUsers.length > 0 || otherLists.length > 0 || user.includes(',')) {
    return fault('ambiguous-user', 'an identity header is here twice');
  }
  if (user === '') return fault('missing-user', `the header ${header.user} is missing`);
  const [username, grouping] = [decodeHeaderValue(user), decodeHeaderValue(list)];
  const unusable = fault('invalid-username', `the header ${header.user} holds no name that can be used`);
  if (username === undefined || grouping === undefined) return unusable;
  const names = grouping.split(header.groupsDelimiter).map((name) => name.trim());
  const enforced = enforceIdentity({ username, groups: names, extra: {} }, RULES);
  if (!enforced.ok) return unusable;
  const holder = { username, groups: enforced.identity.groups };
  return { kind: 'identity', holder, endpoint: header.endpoint };
}

function fault(reason: HeaderFault['reason'], error: string): HeaderFault {
  return { kind: 'fault', status: 400, reason, error };
}

/** Everything that the configuration names must hold; what it does not name proves nothing. */
function isTrusted(request: IncomingMessage, trusted: TrustedPeers, namesOf: NamesOf): boolean {
  const { clientNames, addresses } = trusted;
  if (clientNames === undefined && addresses === undefined) return false;
  if (clientNames !== undefined && !namesOf(request).some((name) => clientNames.includes(name))) return false;
  if (addresses === undefined) return true;
  const address = peerAddress(request);
  const version = isIP(address);
  return version !== 0 && addresses.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/** An IPv4 client of an IPv6 socket is `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
export function peerAddress({ socket: { remoteAddress = '' } }: Pick<IncomingMessage, 'socket'>): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(remoteAddress)?.[1] ?? remoteAddress;
}

/** Every occurrence: Node joins them to one text in `headers`. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}
