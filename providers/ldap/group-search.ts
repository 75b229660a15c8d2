// Finds groups below groupSearch.baseDN, all of them, and the groups that those groups are in.

import { type Unavailable, unavailable } from '../../src/core/verdict.ts';
import { MAX_ANSWER_ENTRIES, type SearchAnswer } from '../../src/upstream/ldap/connection.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/dn.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import { anyOf, fillFilter, placeholdersIn, type ValuesOf } from '../../src/upstream/ldap/filter.ts';
import type { LdapEntry, LdapSearch } from '../../src/upstream/ldap/message.ts';
import { describeResult, RESULT } from '../../src/upstream/ldap/result.ts';
import { textsOf } from './entry.ts';
import type { GroupLookup } from './options.ts';
import { searchFault } from './verdicts.ts';

/** Over this a missing group could be the one that matters, so the review is unavailable instead of cut short. */
const MAX_GROUPS = MAX_ANSWER_ENTRIES;
const MAX_LEVELS = 20;
const MEMBERS_PER_SEARCH = 20;
/** Tried from left to right: servers have limits for pages, too. */
const PAGE_SIZES: readonly number[] = [500, 100, 20];

/** The answer is not all, or was too much for a limit of the server: in pages, or in smaller ones, it may be complete. */
const MAY_DO_IN_PAGES: ReadonlySet<number> = new Set([
  RESULT.sizeLimitExceeded,
  RESULT.adminLimitExceeded,
  RESULT.unavailableCriticalExtension,
  RESULT.unwillingToPerform,
]);

/** How servers that know no groups of groups answer a question for a group's DN among the members (lldap: 34). */
const HAS_NO_PARENTS: ReadonlySet<number> = new Set([
  RESULT.noSuchObject,
  RESULT.invalidDNSyntax,
  RESULT.unwillingToPerform,
]);

/** The parts of every Active Directory that a search from the top of a domain is referred to. */
const HAS_NO_GROUPS = /\/(?:CN=Configuration|DC=(?:Domain|Forest)DnsZones),/i;

export interface Group {
  readonly dn: string;
  /** Empty when the entry shows none. */
  readonly name: string;
}

export interface FoundGroups {
  readonly kind: 'groups';
  readonly groups: readonly Group[];
  /** How the server answered when it did not want to say which groups a group is in. */
  readonly parentsRefused?: string;
  /** Where the server says that there are more; empty as a rule. */
  readonly elsewhere: readonly string[];
}

/** Whose groups are searched. */
export interface Member {
  readonly dns: readonly string[];
  /** Of every placeholder but `{dn}`. */
  readonly valuesOf: ValuesOf;
}

/** The groups that have one of these DNs (or the values) as a member; with `nested` also those above them. */
export async function findGroups(search: Search, lookup: GroupLookup, member: Member): Promise<Outcome<FoundGroups>> {
  const found = new Map<string, Group>();
  let frontier = member.dns;
  const elsewhere = new Set<string>();
  let parentsRefused: string | undefined;
  for (let level = 0; frontier.length > 0; level += 1) {
    if (level > MAX_LEVELS) return tooMany(`groups nested more than ${MAX_LEVELS} deep`);
    const mayRefuse = level > 0;
    // oxlint-disable-next-line no-await-in-loop -- each level is known only after the one below
    const above = await groupsAbove(search, lookup, { ...member, dns: frontier }, mayRefuse);
    if (above.kind !== 'entries') return above;
    parentsRefused ??= above.refused;
    for (const url of above.elsewhere) elsewhere.add(url);
    // A group seen before ends the way upwards there: groups may contain each other.
    const fresh = above.entries.filter(({ dn }) => !found.has(dn.toLowerCase()));
    for (const entry of fresh) found.set(entry.dn.toLowerCase(), groupOf(entry, lookup.nameAttribute));
    if (found.size > MAX_GROUPS) return tooMany(`more than ${MAX_GROUPS} groups`);
    frontier = lookup.nested ? fresh.map(({ dn }) => dn) : [];
  }
  const all = { kind: 'groups', groups: [...found.values()], elsewhere: [...elsewhere] } as const;
  return parentsRefused === undefined ? all : { ...all, parentsRefused };
}

interface Entries {
  readonly kind: 'entries';
  readonly entries: readonly LdapEntry[];
  readonly elsewhere: readonly string[];
  readonly refused?: string | undefined;
}

async function groupsAbove(
  search: Search,
  lookup: GroupLookup,
  { dns, valuesOf }: Member,
  mayRefuse: boolean,
): Promise<Outcome<Entries>> {
  const entries: LdapEntry[] = [];
  const elsewhere: string[] = [];
  let refused: string | undefined;
  const batches = Array.from({ length: Math.ceil(dns.length / MEMBERS_PER_SEARCH) }, (_, index) =>
    dns.slice(index * MEMBERS_PER_SEARCH, (index + 1) * MEMBERS_PER_SEARCH),
  );
  // What is refused for several groups is asked for each: one of them may be the only one that the server does not take.
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    // oxlint-disable-next-line no-await-in-loop -- one connection is enough for one review
    const answer = await groupsOf(search, lookup, batch, valuesOf);
    if (answer.kind === 'unavailable') return answer;
    if (answer.kind === 'entries') {
      entries.push(...answer.entries);
      elsewhere.push(...answer.elsewhere);
    } else if (!mayRefuse || !HAS_NO_PARENTS.has(answer.code)) return answer.fault;
    else if (batch.length > 1) batches.unshift(...batch.map((dn) => [dn]));
    else refused ??= answer.fault.detail;
    if (entries.length > MAX_GROUPS) return tooMany(`more than ${MAX_GROUPS} groups`);
  }
  return { kind: 'entries', entries, elsewhere, refused };
}

interface Refusal {
  readonly kind: 'refused';
  readonly code: number;
  readonly fault: Unavailable;
}

/**
 * Asks for the groups of the user at once, where the DN alone tells them, and answers whoever asks the same later: the entry is
 * read meanwhile. The password is proven already.
 */
export function askAhead(search: Search, lookup: GroupLookup | undefined, dn: string): Search {
  const needsEntry = lookup === undefined || placeholdersIn(lookup.filter).some((placeholder) => placeholder !== 'dn');
  const ahead = needsEntry ? undefined : groupSearch(lookup, [dn], () => []);
  if (ahead === undefined) return search;
  const answer = search(ahead);
  return (wanted) => (isSame(wanted, ahead) ? answer : search(wanted));
}

function isSame(one: LdapSearch, other: LdapSearch): boolean {
  return one.baseDN === other.baseDN && one.page === other.page && one.filter.equals(other.filter);
}

/** Undefined when there is nothing to look for. */
function groupSearch(
  { baseDN, filter, nameAttribute }: GroupLookup,
  dns: readonly string[],
  valuesOf: ValuesOf,
): LdapSearch | undefined {
  const filters = dns
    .map((dn) => fillFilter(filter, (placeholder) => (placeholder === 'dn' ? [dn] : valuesOf(placeholder))))
    .filter((filled) => filled !== undefined);
  if (filters.length === 0) return undefined;
  const attributes = nameAttribute.toLowerCase() === 'dn' ? ['1.1'] : [nameAttribute];
  // Without a limit of ours: one above the server's own is an error for some.
  return { baseDN, scope: 'sub', filter: anyOf(filters), attributes, sizeLimit: 0 };
}

async function groupsOf(
  search: Search,
  lookup: GroupLookup,
  dns: readonly string[],
  valuesOf: ValuesOf,
): Promise<Outcome<Entries | Refusal>> {
  const wanted = groupSearch(lookup, dns, valuesOf);
  if (wanted === undefined) return { kind: 'entries', entries: [], elsewhere: [] };
  const first = await search(wanted);
  let answer = first;
  for (const size of PAGE_SIZES) {
    if (answer.kind !== 'found' || !MAY_DO_IN_PAGES.has(answer.code)) break;
    // oxlint-disable-next-line no-await-in-loop -- smaller pages are tried when larger ones were refused
    answer = await search({ ...wanted, page: { size } });
  }
  if (answer.kind !== 'found') return answer;
  if (answer.code === RESULT.success) {
    const elsewhere = answer.references.filter((url) => !HAS_NO_GROUPS.test(url));
    return { kind: 'entries', entries: answer.entries, elsewhere };
  }
  return refusal(first.kind === 'found' ? first : answer, answer, `the search for groups below ${wanted.baseDN}`);
}

function refusal(first: SearchAnswer, last: SearchAnswer, what: string): Refusal {
  const inPages = first === last ? '' : `; in pages: ${describeResult(last)}`;
  const fault = searchFault(first, what) ?? unavailable('internal', what);
  return { kind: 'refused', code: first.code, fault: { ...fault, detail: `${fault.detail}${inPages}` } };
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

function tooMany(what: string): Unavailable {
  return unavailable('oversize-answer', what);
}
