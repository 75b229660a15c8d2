// Finds groups below groupSearch.baseDN, all of them, and the groups that those groups are in.

import { OrFilter } from 'ldapts';
import { unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/escape.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapSearch } from '../../src/upstream/ldap/request.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import { textsOf } from './entry.ts';
import type { GroupLookup } from './settings.ts';
import { fillFilter } from './template.ts';
import { searchFault } from './verdicts.ts';

const PAGE_SIZE = 500;
/** Over this a missing group could be the one that matters, so the review is unavailable instead of cut short. */
const MAX_GROUPS = 10_000;
const MAX_LEVELS = 20;
const MEMBERS_PER_SEARCH = 20;

export interface Group {
  readonly dn: string;
  readonly name: string;
}

export interface FoundGroups {
  readonly kind: 'groups';
  readonly groups: readonly Group[];
}

/** The groups that have one of these DNs (or the username) as a member; with `nested` also those above them. */
export async function findGroups(
  search: Search,
  lookup: GroupLookup,
  memberDns: readonly string[],
  username: string,
): Promise<Outcome<FoundGroups>> {
  const found = new Map<string, Group>();
  let frontier = memberDns;
  for (let level = 0; frontier.length > 0; level += 1) {
    if (level > MAX_LEVELS) return tooMany(`groups nested more than ${MAX_LEVELS} deep`);
    // oxlint-disable-next-line no-await-in-loop -- each level is known only after the one below
    const above = await groupsAbove(search, lookup, frontier, username);
    if (above.kind !== 'entries') return above;
    // A group seen before ends the way upwards there: groups may contain each other.
    const fresh = above.entries.filter(({ dn }) => !found.has(dn.toLowerCase()));
    for (const entry of fresh) found.set(entry.dn.toLowerCase(), groupOf(entry, lookup.nameAttribute));
    if (found.size > MAX_GROUPS) return tooMany(`more than ${MAX_GROUPS} groups`);
    frontier = lookup.nested ? fresh.map(({ dn }) => dn) : [];
  }
  return { kind: 'groups', groups: [...found.values()].filter(({ name }) => name !== '') };
}

interface Entries {
  readonly kind: 'entries';
  readonly entries: readonly LdapEntry[];
}

async function groupsAbove(
  search: Search,
  lookup: GroupLookup,
  memberDns: readonly string[],
  username: string,
): Promise<Outcome<Entries>> {
  const entries: LdapEntry[] = [];
  for (let start = 0; start < memberDns.length; start += MEMBERS_PER_SEARCH) {
    const filters = memberDns
      .slice(start, start + MEMBERS_PER_SEARCH)
      .map((dn) => fillFilter(lookup.filter, { dn, username }));
    const filter = filters.length === 1 && filters[0] ? filters[0] : new OrFilter({ filters });
    const attributes = lookup.nameAttribute.toLowerCase() === 'dn' ? ['1.1'] : [lookup.nameAttribute];
    // oxlint-disable-next-line no-await-in-loop -- one connection is enough for one review
    const page = await everyPage(search, {
      baseDN: lookup.baseDN,
      scope: 'sub',
      filter,
      attributes,
      sizeLimit: MAX_GROUPS,
    });
    if (page.kind !== 'entries') return page;
    entries.push(...page.entries);
  }
  return { kind: 'entries', entries };
}

/** Follows the pages of RFC 2696; a server that knows none sends everything in the first answer. */
async function everyPage(search: Search, wanted: LdapSearch): Promise<Outcome<Entries>> {
  const entries: LdapEntry[] = [];
  let cookie: Buffer | undefined;
  do {
    const page = { size: PAGE_SIZE, ...(cookie === undefined ? {} : { cookie }) };
    // oxlint-disable-next-line no-await-in-loop -- a page says where the next one starts
    const answer = await search({ ...wanted, page });
    if (answer.kind !== 'found') return answer;
    const fault = searchFault(answer, `the search for groups below ${wanted.baseDN}`);
    if (fault !== undefined) return fault;
    entries.push(...answer.entries);
    if (entries.length > MAX_GROUPS) return tooMany(`more than ${MAX_GROUPS} groups`);
    cookie = answer.cookie;
  } while (cookie !== undefined);
  return { kind: 'entries', entries };
}

/** Of several names the one in the DN counts: it is the one that is unique among its neighbours. */
function groupOf(entry: LdapEntry, nameAttribute: string): Group {
  const { dn } = entry;
  if (nameAttribute.toLowerCase() === 'dn') return { dn, name: dn };
  const names = textsOf(entry, nameAttribute);
  const rdn = names.length > 1 ? firstRdn(dn) : undefined;
  const isNamedByRdn = rdn?.attribute.toLowerCase() === nameAttribute.toLowerCase() && names.includes(rdn.value);
  return { dn, name: (isNamedByRdn ? rdn.value : names[0]) ?? '' };
}

function tooMany(what: string) {
  return unavailable('oversize-answer', what);
}
