// The options of an ldap provider: what is written, completed by the defaults of its kind of directory.

import { isLoopbackHost } from '../../src/core/listening.ts';
import { type Secret } from '../../src/core/secret.ts';
import type { Fields, Schema } from '../../src/settings/provider-module.ts';
import { type UpstreamTls } from '../../src/upstream/http/tls.ts';
import type { LdapUrl } from '../../src/upstream/ldap/dial.ts';
import { type Filter, filtersIn } from '../../src/upstream/ldap/filter.ts';
import { type Comparison, comparisonOfDn, comparisonsOf, filterOf, formOf, USERNAME } from './template.ts';
import { DEFAULT_IDLE_TIMEOUT_MS, DEFAULT_POOL_SIZE, type WrittenOptions, writtenOptions } from './written-options.ts';

export type DirectoryKind = 'generic' | 'activeDirectory' | 'posix';

export interface LdapOptions {
  readonly urls: readonly LdapUrl[];
  readonly startTLS: boolean;
  readonly tls?: UpstreamTls;
  readonly directory: DirectoryKind;
  /** Absent: searches are anonymous, or made as the user when there is a `userDN`. */
  readonly bind?: { readonly dn: string; readonly password: Secret };
  /** Ask for the reasons of draft-behera-ldap-password-policy where the server says that it knows them. */
  readonly passwordPolicy: boolean;
  readonly user: UserLookup;
  readonly groups?: GroupLookup;
  readonly pool: { readonly size: number; readonly idleTimeoutMs: number };
}

/** How a login name leads to an entry and to the name that is bound as. */
export type UserLookup = {
  /** How the directory recognizes a login name. */
  readonly comparisons: readonly Comparison[];
  /** Which attribute is the claim `username`, and what around it is not part of the name. */
  readonly name: Comparison;
  /** Several attributes are compared, and the configuration does not say which of them it is. */
  readonly isNameGuessed: boolean;
  /** Asked for by the operator; undefined means all. */
  readonly attributes?: readonly string[];
} & (
  | { readonly how: 'search'; readonly search: EntrySearch }
  /** `template` is the entry's DN; `filter`, when given, must match the entry too. */
  | { readonly how: 'dn'; readonly template: string; readonly filter?: Filter }
  /** `template` is `{username}@domain` or `DOMAIN\{username}`, so the entry has to be searched for. */
  | { readonly how: 'account'; readonly template: string; readonly search: EntrySearch }
);

export interface EntrySearch {
  readonly baseDN: string;
  readonly filter: Filter;
  readonly scope: 'base' | 'one' | 'sub';
}

export interface GroupLookup {
  readonly baseDN: string;
  readonly filter: Filter;
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

export function optionsSchema(fields: Fields): Schema<LdapOptions> {
  return writtenOptions(fields).transform(completed);
}

function completed(written: WrittenOptions): LdapOptions {
  const groups = groupsOf(written);
  return {
    urls: written.urls,
    startTLS: written.startTLS,
    directory: written.directory,
    passwordPolicy: written.passwordPolicy,
    ...(written.tls === undefined ? {} : { tls: written.tls }),
    ...(written.bind === undefined ? {} : { bind: written.bind }),
    user: userOf(written),
    ...(groups === undefined ? {} : { groups }),
    pool: {
      size: written.pool?.size ?? DEFAULT_POOL_SIZE,
      idleTimeoutMs: written.pool?.idleTimeout ?? DEFAULT_IDLE_TIMEOUT_MS,
    },
  };
}

/** What is legal and dangerous. */
export function optionWarnings({ urls, startTLS, bind, user, groups }: LdapOptions): readonly string[] {
  const inClear = startTLS ? [] : urls.filter((url) => !url.secure && !isLoopbackHost(url.host));
  const compared = user.comparisons.map(({ attribute }) => attribute);
  const isAnonymous = bind === undefined && user.how === 'search';
  return [
    ...inClear.map(
      (url) => `allowPlaintext: passwords travel to ${url.href} in clear, and anybody on the way can read them`,
    ),
    ...(user.isNameGuessed
      ? [
          `userSearch.filter compares ${compared.join(' and ')}, so a person has several login names; the claim username is always the entry's ${user.name.attribute} (usernameAttribute says another)`,
        ]
      : []),
    ...(isAnonymous
      ? ['without bind the directory is searched anonymously; entries it hides from strangers are unknown users']
      : []),
    ...(groups === undefined
      ? ['without groupSearch the groups claim has the names in memberOf, wherever in the directory those groups are']
      : []),
  ];
}

function userFilterOf({ userSearch, userDN, directory }: WrittenOptions): Filter {
  if (userSearch?.filter !== undefined) return userSearch.filter;
  if (directory === 'activeDirectory' && userDN !== undefined && userDN.startsWith(USERNAME)) {
    return withPrincipalName(userDN.slice(USERNAME.length));
  }
  return filterOf(TRAITS[directory].userFilter);
}

/** Who binds as `name@domain` may have that userPrincipalName, or be found by the older name, which every account has. */
function withPrincipalName(domain: string): Filter {
  const principal: Filter = {
    kind: 'equal',
    attribute: 'userPrincipalName',
    value: ['username', Buffer.from(domain)],
  };
  const either: Filter = { kind: 'or', parts: [filterOf('(sAMAccountName={username})'), principal] };
  return { kind: 'and', parts: [filterOf('(objectClass=user)'), either] };
}

function userOf(written: WrittenOptions): UserLookup {
  const { userDN, userSearch } = written;
  if (userDN !== undefined && formOf(userDN) === 'dn') {
    const comparison = comparisonOfDn(userDN);
    const filter = userSearch?.filter === undefined ? {} : { filter: userSearch.filter };
    return { how: 'dn', template: userDN, ...filter, ...commonOf(written, comparison ? [comparison] : []) };
  }
  const filter = userFilterOf(written);
  const search = { baseDN: userSearch?.baseDN ?? '', filter, scope: userSearch?.scope ?? 'sub' } as const;
  const common = commonOf(written, comparisonsOf(filter));
  return userDN === undefined
    ? { how: 'search', search, ...common }
    : { how: 'account', template: userDN, search, ...common };
}

function commonOf({ userSearch, usernameAttribute }: WrittenOptions, comparisons: readonly Comparison[]) {
  const name =
    usernameAttribute === undefined ? comparisons[0] : { attribute: usernameAttribute, prefix: '', suffix: '' };
  const compared = new Set(comparisons.map(({ attribute }) => attribute.toLowerCase()));
  return {
    comparisons,
    isNameGuessed: usernameAttribute === undefined && userSearch?.filter !== undefined && compared.size > 1,
    name: name ?? { attribute: 'uid', prefix: '', suffix: '' },
    ...(userSearch?.attributes === undefined ? {} : { attributes: userSearch.attributes }),
  };
}

function groupsOf({ groupSearch, directory }: WrittenOptions): GroupLookup | undefined {
  if (groupSearch === undefined) return undefined;
  const { groupFilter, nestedGroupFilter } = TRAITS[directory];
  const isNested = groupSearch.nested ?? nestedGroupFilter !== undefined;
  const filter = groupSearch.filter ?? filterOf((isNested ? nestedGroupFilter : undefined) ?? groupFilter);
  const { baseDN, nameAttribute } = groupSearch;
  return { baseDN, nameAttribute, filter, nested: isNested && !asksInChain(filter) };
}

/** True when the server itself is asked to follow groups of groups. */
export function asksInChain(filter: Filter): boolean {
  return [...filtersIn(filter)].some((each) => each.kind === 'extensible' && each.rule === IN_CHAIN);
}
