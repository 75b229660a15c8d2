// What the options of an ldap provider come to, completed by the defaults of its kind of directory.

import { type Secret } from '../../src/core/secret.ts';
import { type UpstreamTls } from '../../src/upstream/http/tls.ts';
import { type LdapUrl } from '../../src/upstream/ldap/dial.ts';
import { type Comparison, comparisonOfDn, comparisonsOf } from './template.ts';
import { type WrittenOptions } from './written-options.ts';

export type DirectoryKind = 'generic' | 'activeDirectory' | 'posix';

export interface LdapOptions {
  readonly urls: readonly LdapUrl[];
  readonly startTLS: boolean;
  readonly tls?: UpstreamTls;
  readonly directory: DirectoryKind;
  /** Absent: searches are anonymous, or made as the user when there is a `userDN`. */
  readonly bind?: { readonly dn: string; readonly password: Secret };
  readonly user: UserLookup;
  readonly groups?: GroupLookup;
  readonly pool: { readonly size: number; readonly idleTimeoutMs: number };
}

/** How a login name leads to an entry and to the name that is bound as. */
export type UserLookup = {
  /** Which attributes may state the name that was asked for, in the directory's own spelling. */
  readonly comparisons: readonly Comparison[];
  /** Asked for by the operator; undefined means all. */
  readonly attributes?: readonly string[];
} & (
  | { readonly how: 'search'; readonly search: EntrySearch }
  /** `template` is the entry's DN; `filter`, when given, must match the entry too. */
  | { readonly how: 'dn'; readonly template: string; readonly filter?: string }
  /** `template` is `{username}@domain` or `DOMAIN\{username}`, so the entry has to be searched for. */
  | { readonly how: 'account'; readonly template: string; readonly search: EntrySearch }
);

export interface EntrySearch {
  readonly baseDN: string;
  readonly filter: string;
  readonly scope: 'base' | 'one' | 'sub';
}

export interface GroupLookup {
  readonly baseDN: string;
  readonly filter: string;
  readonly nameAttribute: string;
  /** Groups of groups: found by the broker, level by level. In Active Directory the filter itself does it. */
  readonly nested: boolean;
}

/** What differs between directories. */
export interface DirectoryTraits {
  readonly userFilter: string;
  readonly groupFilter: string;
  /** Instead of `groupFilter`, when groups of groups are wanted and the server can follow them itself. */
  readonly nestedGroupFilter?: string;
  /** Immutable keys of an entry, the best first. */
  readonly subjectAttributes: readonly string[];
  /** Needed for what the broker works out itself, so asked for in any case. */
  readonly extraAttributes: readonly string[];
}

/** LDAP_MATCHING_RULE_IN_CHAIN: the server follows groups of groups. Other directories find nothing by it, silently. */
export const IN_CHAIN = '1.2.840.113556.1.4.1941';

export const TRAITS: Readonly<Record<DirectoryKind, DirectoryTraits>> = {
  generic: {
    userFilter: '(uid={username})',
    groupFilter: '(member={dn})',
    subjectAttributes: ['entryUUID', 'nsUniqueId'],
    extraAttributes: [],
  },
  posix: {
    userFilter: '(&(objectClass=posixAccount)(uid={username}))',
    groupFilter: '(&(objectClass=posixGroup)(memberUid={username}))',
    subjectAttributes: ['entryUUID', 'nsUniqueId'],
    extraAttributes: [],
  },
  activeDirectory: {
    userFilter: '(&(objectClass=user)(!(objectClass=computer))(sAMAccountName={username}))',
    groupFilter: '(member={dn})',
    nestedGroupFilter: `(member:${IN_CHAIN}:={dn})`,
    subjectAttributes: ['objectGUID'],
    extraAttributes: ['objectSid', 'primaryGroupID'],
  },
};

/** `dn`, `account` or neither: what a `userDN` template is. */
export function formOf(userDN: string): 'dn' | 'account' | undefined {
  const literal = userDN.replaceAll('{username}', '');
  if (literal.includes('=')) return 'dn';
  return /^\{username\}@[^@\\]+$|^[^@\\]+\\\{username\}$/.test(userDN) ? 'account' : undefined;
}

export function userFilterOf({ userSearch, userDN, directory }: WrittenOptions): string {
  if (userSearch?.filter !== undefined) return userSearch.filter;
  if (directory === 'activeDirectory' && userDN !== undefined && userDN.startsWith('{username}@')) {
    return `(&(objectClass=user)(|(userPrincipalName=${userDN})(sAMAccountName={username})))`;
  }
  return TRAITS[directory].userFilter;
}

export function userOf(written: WrittenOptions): UserLookup {
  const { userDN, userSearch } = written;
  const attributes = userSearch?.attributes === undefined ? {} : { attributes: userSearch.attributes };
  if (userDN !== undefined && formOf(userDN) === 'dn') {
    const comparison = comparisonOfDn(userDN);
    const filter = userSearch?.filter === undefined ? {} : { filter: userSearch.filter };
    return { how: 'dn', template: userDN, ...filter, ...attributes, comparisons: comparison ? [comparison] : [] };
  }
  const filter = userFilterOf(written);
  const search = { baseDN: userSearch?.baseDN ?? '', filter, scope: userSearch?.scope ?? 'sub' } as const;
  const comparisons = comparisonsOf(filter);
  if (userDN === undefined) return { how: 'search', search, ...attributes, comparisons };
  return { how: 'account', template: userDN, search, ...attributes, comparisons };
}

export function groupsOf({ groupSearch, directory }: WrittenOptions): GroupLookup | undefined {
  if (groupSearch === undefined) return undefined;
  const { groupFilter, nestedGroupFilter } = TRAITS[directory];
  const isNested = groupSearch.nested ?? nestedGroupFilter !== undefined;
  const byServer = isNested && nestedGroupFilter !== undefined && groupSearch.filter === undefined;
  return {
    baseDN: groupSearch.baseDN,
    nameAttribute: groupSearch.nameAttribute,
    filter: groupSearch.filter ?? (byServer ? nestedGroupFilter : groupFilter),
    nested: isNested && !byServer && !(groupSearch.filter?.includes(IN_CHAIN) ?? false),
  };
}
