// The groups claim: from the group search when there is one, else from memberOf; in Active Directory the primary group too.

import type { Clock } from '../../src/core/seams.ts';
import { unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/dn.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import { findGroups } from './group-search.ts';
import { createPrimaryGroups } from './primary-group.ts';
import { allValues } from './ranged.ts';
import type { GroupLookup, LdapOptions } from './settings.ts';
import { uses } from './template.ts';

export interface GroupNames {
  readonly kind: 'names';
  readonly names: readonly string[];
}

/** `username` is the directory's own spelling, undefined when the entry does not state it. */
export type ResolveGroups = (
  search: Search,
  entry: LdapEntry,
  username: string | undefined,
) => Promise<Outcome<GroupNames>>;

export function createGroups({ groups, directory }: LdapOptions, clock: Clock): ResolveGroups {
  const findPrimary =
    directory === 'activeDirectory' ? createPrimaryGroups(clock, groups?.nameAttribute ?? 'cn') : undefined;
  return async (search, entry, username) => {
    const found = await findPrimary?.(search, entry);
    if (found?.kind === 'unavailable') return found;
    const primary = found?.group;
    const others =
      groups === undefined
        ? await namesInMemberOf(search, entry)
        : await namesBySearch(search, groups, [entry.dn, ...(primary === undefined ? [] : [primary.dn])], username);
    if (others.kind !== 'names' || primary === undefined) return others;
    return { kind: 'names', names: [...new Set([primary.name, ...others.names])] };
  };
}

async function namesBySearch(
  search: Search,
  lookup: GroupLookup,
  memberDns: readonly string[],
  username: string | undefined,
): Promise<Outcome<GroupNames>> {
  if (username === undefined && uses(lookup.filter, 'username')) {
    return unavailable('entry-unreadable', 'the entry does not state the login name, which groupSearch.filter needs');
  }
  const found = await findGroups(search, lookup, memberDns, username ?? '');
  return found.kind === 'groups' ? { kind: 'names', names: found.groups.map(({ name }) => name) } : found;
}

async function namesInMemberOf(search: Search, entry: LdapEntry): Promise<Outcome<GroupNames>> {
  const memberOf = await allValues(search, entry, 'memberOf');
  if (memberOf.kind !== 'values') return memberOf;
  const names = memberOf.values.map((dn) => firstRdn(dn)?.value).filter((name) => name !== undefined);
  return { kind: 'names', names: [...new Set(names)] };
}
