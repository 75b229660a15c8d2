// The primary group of an Active Directory account ("Domain Users"): it is in no member or memberOf attribute.

import type { Clock } from '../../src/core/seams.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import { firstRdn } from '../../src/upstream/ldap/dn.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import { NO_SUCH_OBJECT } from '../../src/upstream/ldap/result-codes.ts';
import { bytesOf, textsOf } from './entry.ts';
import type { Group } from './group-search.ts';
import { primaryGroupSid } from './microsoft-ids.ts';
import { searchFault } from './search-verdict.ts';
import { fillFilter } from './template.ts';

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
  if (answer.code === NO_SUCH_OBJECT) return { kind: 'primary' };
  const fault = searchFault(answer, 'reading the primary group');
  if (fault !== undefined) return fault;
  const [entry] = answer.entries;
  if (entry === undefined) return { kind: 'primary' };
  const name =
    nameAttribute.toLowerCase() === 'dn' ? entry.dn : (textsOf(entry, nameAttribute)[0] ?? firstRdn(entry.dn)?.value);
  return name === undefined ? { kind: 'primary' } : { kind: 'primary', group: { dn: entry.dn, name } };
}
