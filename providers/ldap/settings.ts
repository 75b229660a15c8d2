// What the options of an ldap provider come to, once checked and completed by the defaults of its kind of directory.

import type { Secret } from '../../src/core/secret.ts';
import type { UpstreamTls } from '../../src/upstream/http/tls.ts';
import type { LdapUrl } from '../../src/upstream/ldap/url.ts';
import type { Comparison } from './template.ts';

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
