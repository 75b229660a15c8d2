// The groups claim: from the group search when there is one, else from memberOf; in Active Directory the primary group too.

import type { Clock } from '../../src/core/seams.ts';
import { unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/dn.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import { ANY_ENTRY, placeholdersIn } from '../../src/upstream/ldap/filter.ts';
import type { LdapAttribute, LdapEntry } from '../../src/upstream/ldap/message.ts';
import { quotable, RESULT } from '../../src/upstream/ldap/result.ts';
import { baseName, bytesOf, decode, primaryGroupSid, textsOf } from './entry.ts';
import { type FoundGroups, findGroups, type Group } from './group-search.ts';
import type { GroupLookup, LdapOptions } from './options.ts';
import { searchFault } from './verdicts.ts';

export interface GroupNames {
  readonly kind: 'names';
  readonly names: readonly string[];
  /** DNs of groups that show no name. */
  readonly nameless: readonly string[];
  /** What could not be asked, so that groups may be missing. */
  readonly unasked: readonly Unasked[];
}

export interface Unasked {
  readonly what: string;
  readonly why: string;
}

/** `username` is the claim; undefined when the entry does not state it. */
export type ResolveGroups = (
  search: Search,
  entry: LdapEntry,
  username: string | undefined,
) => Promise<Outcome<GroupNames>>;

export function createGroups({ groups, directory }: LdapOptions, clock: Clock): ResolveGroups {
  const findPrimary =
    directory === 'activeDirectory' ? createPrimaryGroups(clock, groups?.nameAttribute ?? 'cn') : undefined;
  return async (search, entry, username) => {
    const primary = await findPrimary?.(search, entry);
    if (primary?.kind === 'unavailable') return primary;
    const group = primary?.group;
    const others =
      groups === undefined
        ? await namesInMemberOf(search, entry)
        : await namesBySearch(search, groups, { entry, username, dns: group === undefined ? [] : [group.dn] });
    if (others.kind !== 'names' || primary === undefined) return others;
    const names = group === undefined ? others.names : [...new Set([group.name, ...others.names])];
    const unasked = primary.isUnstated === true ? [...others.unasked, PRIMARY_UNASKED] : others.unasked;
    return { ...others, names, unasked, nameless: [...(primary.nameless ?? []), ...others.nameless] };
  };
}

const PRIMARY_UNASKED: Unasked = {
  what: 'the primary group',
  why: 'the entry shows no objectSid or no primaryGroupID',
};

interface Person {
  readonly entry: LdapEntry;
  readonly username: string | undefined;
  /** Groups that are known already, whose groups are wanted too. */
  readonly dns: readonly string[];
}

/** So many comparisons in one filter at most. */
const MAX_COMPARISONS = 1000;

async function namesBySearch(
  search: Search,
  lookup: GroupLookup,
  { entry, username, dns }: Person,
): Promise<Outcome<GroupNames>> {
  const valuesOf = (placeholder: string): readonly (string | Buffer)[] =>
    placeholder === 'username' ? [username].filter((name) => name !== undefined) : bytesOf(entry, placeholder);
  const asked = [...new Set(placeholdersIn(lookup.filter))].filter((placeholder) => placeholder !== 'dn');
  const missing = asked.filter((placeholder) => valuesOf(placeholder).length === 0);
  if (missing.includes('username')) {
    return unavailable('entry-unreadable', 'the entry does not state the login name, which groupSearch.filter needs');
  }
  if (asked.reduce((count, placeholder) => count * Math.max(1, valuesOf(placeholder).length), 1) > MAX_COMPARISONS) {
    return unavailable('oversize-answer', `${asked.join(', ')}: more values than groupSearch.filter can compare`);
  }
  const found = await findGroups(search, lookup, { dns: [entry.dn, ...dns], valuesOf });
  if (found.kind !== 'groups') return found;
  return {
    kind: 'names',
    names: found.groups.map(({ name }) => name).filter((name) => name !== ''),
    nameless: found.groups.filter(({ name }) => name === '').map(({ dn }) => dn),
    unasked: [
      ...missing.map((name) => ({ what: `groups by {${name}}`, why: `the entry has no ${name}` })),
      ...unaskedIn(found),
    ],
  };
}

function unaskedIn({ parentsRefused, elsewhere }: FoundGroups): readonly Unasked[] {
  const urls = quotable(elsewhere.join(' '), []);
  return [
    ...(parentsRefused === undefined ? [] : [{ what: 'groups of groups', why: parentsRefused }]),
    ...(urls === undefined ? [] : [{ what: 'groups at another server', why: `referrals are never followed: ${urls}` }]),
  ];
}

async function namesInMemberOf(search: Search, entry: LdapEntry): Promise<Outcome<GroupNames>> {
  const memberOf = await allValues(search, entry, 'memberOf');
  if (memberOf.kind !== 'values') return memberOf;
  const groups = memberOf.values.map((bytes) => ({ dn: bytes.toString(), name: firstRdn(decode(bytes) ?? '')?.value }));
  return {
    kind: 'names',
    names: [...new Set(groups.map(({ name }) => name).filter((name) => name !== undefined))],
    nameless: groups.filter(({ name }) => name === undefined).map(({ dn }) => dn),
    unasked: [],
  };
}

/** Active Directory hands out the values of an attribute in ranges (MS-ADTS §3.1.1.3.1.3.3). */
const RANGE = /;range=\d+-(?<last>\d+|\*)/i;
const MAX_RANGES = 20;

/** All values of an attribute of an entry: those it came with, and those of the ranges after it. */
export async function allValues(
  search: Search,
  entry: LdapEntry,
  attribute: string,
): Promise<Outcome<{ readonly kind: 'values'; readonly values: readonly Buffer[] }>> {
  const values = [...bytesOf(entry, attribute)];
  let last = rangeOf(entry, attribute)?.last;
  for (let count = 0; last !== undefined; count += 1) {
    if (count === MAX_RANGES) return unavailable('oversize-answer', `${attribute} has more than ${MAX_RANGES} ranges`);
    const attributes = [`${attribute};range=${last + 1}-*`];
    // oxlint-disable-next-line no-await-in-loop -- a range says where the next one starts
    const answer = await search({
      baseDN: entry.dn,
      scope: 'base',
      filter: ANY_ENTRY,
      attributes,
      sizeLimit: 1,
    });
    if (answer.kind !== 'found') return answer;
    const fault = searchFault(answer, `reading ${attribute}`);
    if (fault !== undefined) return fault;
    const [more] = answer.entries;
    const range = more === undefined ? undefined : rangeOf(more, attribute);
    if (more === undefined || range === undefined) {
      return unavailable('malformed-answer', `the rest of ${attribute} did not come`);
    }
    if (range.last !== undefined && range.last <= last) {
      return unavailable('malformed-answer', `the ranges of ${attribute} go backwards`);
    }
    values.push(...bytesOf(more, attribute));
    last = range.last;
  }
  return { kind: 'values', values };
}

/** Which part of the values came: the number of the last one, undefined when nothing is missing after it. */
function rangeOf(entry: LdapEntry, attribute: string): { readonly last: number | undefined } | undefined {
  const ranged = ({ name, values }: LdapAttribute): boolean =>
    baseName(name) === attribute.toLowerCase() && values.length > 0 && RANGE.test(name);
  const last = RANGE.exec(entry.attributes.find(ranged)?.name ?? '')?.groups?.['last'];
  return last === undefined ? undefined : { last: last === '*' ? undefined : Number(last) };
}

/** Of the primary group ("Domain Users"), which is in no member or memberOf attribute: nearly everybody has the same one. */
const KEPT_FOR_MS = 300_000;
const MAX_KEPT = 100;

export interface PrimaryGroup {
  readonly kind: 'primary';
  /** Absent when the entry names none. */
  readonly group?: Group;
  /** It is known, and shows no name. */
  readonly nameless?: readonly string[];
  /** Every account has one, and this entry does not show which. */
  readonly isUnstated?: boolean;
}

export type FindPrimaryGroup = (search: Search, entry: LdapEntry) => Promise<Outcome<PrimaryGroup>>;

/** Looks a group up by its SID, which Active Directory takes in place of a DN (MS-ADTS §3.1.1.3.1.2.4). */
export function createPrimaryGroups(clock: Clock, nameAttribute: string): FindPrimaryGroup {
  const kept = new Map<string, { readonly group: Group; readonly untilMs: number }>();
  return async (search, entry) => {
    const [sidBytes] = bytesOf(entry, 'objectSid');
    const [id] = textsOf(entry, 'primaryGroupID');
    const sid = sidBytes === undefined || id === undefined ? undefined : primaryGroupSid(sidBytes, id);
    if (sid === undefined) return { kind: 'primary', isUnstated: true };
    const known = kept.get(sid);
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return { kind: 'primary', group: known.group };
    const group = await readGroup(search, sid, nameAttribute);
    if (group.kind !== 'primary' || group.group === undefined) return group;
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(sid, { group: group.group, untilMs: clock.monotonicMs() + KEPT_FOR_MS });
    return group;
  };
}

async function readGroup(search: Search, sid: string, nameAttribute: string): Promise<Outcome<PrimaryGroup>> {
  const answer = await search({
    baseDN: `<SID=${sid}>`,
    scope: 'base',
    filter: ANY_ENTRY,
    attributes: [nameAttribute],
    sizeLimit: 1,
  });
  if (answer.kind !== 'found') return answer;
  const unseen: PrimaryGroup = { kind: 'primary', nameless: [sid] };
  if (answer.code === RESULT.noSuchObject) return unseen;
  const fault = searchFault(answer, 'reading the primary group');
  if (fault !== undefined) return fault;
  const [entry] = answer.entries;
  if (entry === undefined) return unseen;
  const name =
    nameAttribute.toLowerCase() === 'dn' ? entry.dn : (textsOf(entry, nameAttribute)[0] ?? firstRdn(entry.dn)?.value);
  if (name === undefined) return { kind: 'primary', nameless: [entry.dn] };
  return { kind: 'primary', group: { dn: entry.dn, name } };
}
