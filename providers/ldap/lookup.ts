// Completes how users and groups are looked up with the defaults of the kind of directory.

import { type GroupLookup, TRAITS, type UserLookup } from './settings.ts';
import { comparisonOfDn, comparisonsOf } from './template.ts';
import type { WrittenOptions } from './written-options.ts';

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
    nested: isNested && !byServer && !(groupSearch.filter?.includes(IN_CHAIN_RULE) ?? false),
  };
}

const IN_CHAIN_RULE = ':1.2.840.113556.1.4.1941:';
