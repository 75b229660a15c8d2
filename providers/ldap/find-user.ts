// Finds the one entry of a user; none and several are different answers.

import { type Abstained, abstained, unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import { ANY_ENTRY, type Filter, fillFilter, placeholdersIn } from '../../src/upstream/ldap/filter.ts';
import type { LdapEntry, LdapSearch } from '../../src/upstream/ldap/message.ts';
import { RESULT } from '../../src/upstream/ldap/result.ts';
import { type LdapOptions, TRAITS } from './options.ts';
import { fillDn, isAccountName } from './template.ts';
import { searchFault } from './verdicts.ts';

export interface FoundUser {
  readonly kind: 'entry';
  readonly entry: LdapEntry;
}

/** Two: enough to know that there is more than one. */
const AT_MOST = 2;

/** Below `userSearch.baseDN`. A base that does not exist is an outage: with it nobody could be found. */
export async function findUser(
  search: Search,
  options: LdapOptions,
  username: string,
  attributes: readonly string[],
): Promise<Outcome<FoundUser | Abstained>> {
  const wanted = searchFor(options, username);
  const answer = await search({ ...wanted, attributes, sizeLimit: AT_MOST });
  if (answer.kind !== 'found') return answer;
  if (options.user.how === 'dn' && answer.code === RESULT.noSuchObject) return abstained('unknown-user');
  const isCutOff = answer.code === RESULT.sizeLimitExceeded && answer.entries.length > 0;
  if (isCutOff || answer.entries.length > 1) {
    return unavailable('ambiguous-user', `the search for the user below ${wanted.baseDN} finds several entries`);
  }
  const fault = searchFault(answer, `the search for the user below ${wanted.baseDN}`);
  if (fault !== undefined) return fault;
  const [entry] = answer.entries;
  if (entry === undefined) return abstained('unknown-user');
  if (!entry.dn.includes('=')) return unavailable('malformed-answer', 'the entry that was found has no DN');
  return { kind: 'entry', entry };
}

/** The entry that was found, with all that the claims are made of; by the same filter, which the bind may search with. */
export async function readUser(
  search: Search,
  options: LdapOptions,
  username: string,
  { dn }: LdapEntry,
): Promise<Outcome<FoundUser | Abstained>> {
  const { filter } = searchFor(options, username);
  const attributes = requestedAttributes(options);
  const answer = await search({ baseDN: dn, scope: 'base', filter, attributes, sizeLimit: 1 });
  if (answer.kind !== 'found') return answer;
  const [entry] = answer.entries;
  if (entry !== undefined) return { kind: 'entry', entry };
  const isGone = answer.code === RESULT.success || answer.code === RESULT.noSuchObject;
  return (isGone ? undefined : searchFault(answer, 'reading the entry')) ?? abstained('unknown-user');
}

function searchFor({ user }: LdapOptions, username: string): Pick<LdapSearch, 'baseDN' | 'scope' | 'filter'> {
  const filled = (filter: Filter): Buffer => fillFilter(filter, () => [username]) ?? ANY_ENTRY;
  if (user.how !== 'dn') return { ...user.search, filter: filled(user.search.filter) };
  const filter = user.filter === undefined ? ANY_ENTRY : filled(user.filter);
  return { baseDN: fillDn(user.template, username), scope: 'base', filter };
}

/** What tells the entry from others: with `*` one entry could take as long as many, before the password is proven. */
export function loginAttributes({ directory }: LdapOptions): readonly string[] {
  return TRAITS[directory].subjectAttributes;
}

/** What was configured, and what the broker itself needs: operational attributes come only when they are named. */
export function requestedAttributes({ user, directory, groups }: LdapOptions): readonly string[] {
  const { subjectAttributes, extraAttributes } = TRAITS[directory];
  const compared = user.comparisons.map(({ attribute }) => attribute);
  const forGroups = groups === undefined ? ['memberOf'] : placeholdersIn(groups.filter).filter(isAttribute);
  const needed = [user.name.attribute, ...compared, ...subjectAttributes, ...extraAttributes, ...forGroups];
  const all = [...(user.attributes ?? ['*']), ...needed];
  return [...new Map(all.map((name) => [name.toLowerCase(), name])).values()];
}

function isAttribute(placeholder: string): boolean {
  return placeholder !== 'dn' && placeholder !== 'username';
}

/** False when a name cannot belong to an account and would change the meaning of a `{username}@domain` template. */
export function canBeAccount({ user }: LdapOptions, username: string): boolean {
  return user.how !== 'account' || isAccountName(username);
}
