// Who a trusted reverse proxy says its user is.

import type { IncomingMessage } from 'node:http';
import { usernameFault } from '../core/credential.ts';
import { enforceIdentity, type IdentityRules, MAX_GROUPS } from '../core/identity.ts';
import type { Holder } from '../issuer/claims.ts';
import { decodeHeaderValue } from '../text/utf8.ts';
import { isTrusted, type NamesOf } from './peer.ts';
import type { HeaderSignIn } from './settings.ts';

export type HeaderIdentity =
  | { readonly kind: 'identity'; readonly holder: Holder; readonly endpoint: string }
  /** The peer may not say who its user is, whatever it says. */
  | { readonly kind: 'untrusted' }
  /** The user header is not there. */
  | { readonly kind: 'missing' }
  /** A header twice: a proxy has added its own to one that its client sent. */
  | { readonly kind: 'ambiguous' }
  /** No name that a Kubernetes user can have. */
  | { readonly kind: 'unusable' };

const RULES: IdentityRules = {
  reserved: { usernames: [], groups: [] },
  maxGroups: MAX_GROUPS,
  groupsOverLimit: 'reject',
};

/** Names are taken as they are; a `system:` username is unusable, `system:` groups and empty ones are dropped. */
export function headerIdentity(request: IncomingMessage, header: HeaderSignIn, namesOf: NamesOf): HeaderIdentity {
  if (!isTrusted(request, header.trusted, namesOf)) return { kind: 'untrusted' };
  const [users, groups] = [valuesOf(request, header.user), valuesOf(request, header.groups)];
  if (users.length > 1 || groups.length > 1) return { kind: 'ambiguous' };
  const [user = ''] = users;
  const [list = ''] = groups;
  if (user === '') return { kind: 'missing' };
  const [username, grouping] = [decodeHeaderValue(user), decodeHeaderValue(list)];
  if (username === undefined || grouping === undefined || usernameFault(username)) return { kind: 'unusable' };
  const names = grouping.split(header.groupsDelimiter).map((name) => name.trim());
  const enforced = enforceIdentity({ username, groups: names, extra: {} }, RULES);
  if (!enforced.ok) return { kind: 'unusable' };
  const holder = { username, groups: enforced.identity.groups };
  return { kind: 'identity', holder, endpoint: header.endpoint };
}

/** Every occurrence: Node joins them to one text in `headers`. */
function valuesOf({ rawHeaders }: IncomingMessage, name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}
