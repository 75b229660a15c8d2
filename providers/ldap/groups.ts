// The groups claim: from the group search when there is one, else from memberOf; in Active Directory the primary group too.

import { type Clock } from '../../src/core/seams.ts';
import { unavailable } from '../../src/core/verdict.ts';
import { type Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/escape.ts';
import { type Outcome } from '../../src/upstream/ldap/fault.ts';
import { type LdapAttribute, type LdapEntry } from '../../src/upstream/ldap/response.ts';
import { RESULT } from '../../src/upstream/ldap/result.ts';
import { baseName, bytesOf, primaryGroupSid, textsOf } from './entry.ts';
import { findGroups, type Group } from './group-search.ts';
import { type GroupLookup, type LdapOptions } from './settings.ts';
import { fillFilter, uses } from './template.ts';
import { searchFault } from './verdicts.ts';

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

const RANGE = /;range=\d+-(?<last>\d+|\*)/i;
const MAX_RANGES = 20;

/** All values of an attribute of an entry: those it came with, and those of the ranges after it. */
export async function allValues(
  search: Search,
  entry: LdapEntry,
  attribute: string,
): Promise<Outcome<{ readonly kind: 'values'; readonly values: readonly string[] }>> {
  const values = [...textsOf(entry, attribute)];
  let last = lastOf(entry, attribute);
  for (let count = 0; last !== undefined; count += 1) {
    if (count === MAX_RANGES) return unavailable('oversize-answer', `${attribute} has more than ${MAX_RANGES} ranges`);
    const attributes = [`${attribute};range=${last + 1}-*`];
    // oxlint-disable-next-line no-await-in-loop -- a range says where the next one starts
    const answer = await search({
      baseDN: entry.dn,
      scope: 'base',
      filter: fillFilter('(objectClass=*)', {}),
      attributes,
      sizeLimit: 1,
    });
    if (answer.kind !== 'found') return answer;
    const fault = searchFault(answer, `reading ${attribute}`);
    if (fault !== undefined) return fault;
    const [more] = answer.entries;
    if (more === undefined) break;
    values.push(...textsOf(more, attribute));
    const next = lastOf(more, attribute);
    if (next !== undefined && next <= last)
      return unavailable('malformed-answer', `the ranges of ${attribute} go backwards`);
    last = next;
  }
  return { kind: 'values', values };
}

/** The number of the last value that came, or undefined when nothing is missing. */
function lastOf(entry: LdapEntry, attribute: string): number | undefined {
  const ranged = ({ name, values }: LdapAttribute): boolean =>
    baseName(name) === attribute.toLowerCase() && values.length > 0 && RANGE.test(name);
  const last = RANGE.exec(entry.attributes.find(ranged)?.name ?? '')?.groups?.['last'];
  return last === undefined || last === '*' ? undefined : Number(last);
}

/** Nearly everybody has the same one, and it is hardly ever renamed. */
const KEPT_FOR_MS = 300_000;
const MAX_KEPT = 100;

export interface PrimaryGroup {
  readonly kind: 'primary';
  /** Absent when the entry names none, or one that the bind may not see. */
  readonly group?: Group;
}

export type FindPrimaryGroup = (search: Search, entry: LdapEntry) => Promise<Outcome<PrimaryGroup>>;

/** Looks a group up by its SID, which Active Directory takes in place of a DN (MS-ADTS §3.1.1.3.1.2.4). */
export function createPrimaryGroups(clock: Clock, nameAttribute: string): FindPrimaryGroup {
  const kept = new Map<string, { readonly group: Group; readonly untilMs: number }>();
  return async (search, entry) => {
    const [sidBytes] = bytesOf(entry, 'objectSid');
    const [id] = textsOf(entry, 'primaryGroupID');
    const sid = sidBytes === undefined || id === undefined ? undefined : primaryGroupSid(sidBytes, id);
    if (sid === undefined) return { kind: 'primary' };
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
    filter: fillFilter('(objectClass=*)', {}),
    attributes: [nameAttribute],
    sizeLimit: 1,
  });
  if (answer.kind !== 'found') return answer;
  if (answer.code === RESULT.noSuchObject) return { kind: 'primary' };
  const fault = searchFault(answer, 'reading the primary group');
  if (fault !== undefined) return fault;
  const [entry] = answer.entries;
  if (entry === undefined) return { kind: 'primary' };
  const name =
    nameAttribute.toLowerCase() === 'dn' ? entry.dn : (textsOf(entry, nameAttribute)[0] ?? firstRdn(entry.dn)?.value);
  return name === undefined ? { kind: 'primary' } : { kind: 'primary', group: { dn: entry.dn, name } };
}
