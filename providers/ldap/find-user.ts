// Finds the one entry of a user; none and several are different answers.

import { type Abstained, abstained, unavailable } from '../../src/core/verdict.ts';
import type { Search } from '../../src/upstream/ldap/directory.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapSearch } from '../../src/upstream/ldap/request.ts';
import type { LdapEntry } from '../../src/upstream/ldap/response.ts';
import { NO_SUCH_OBJECT, SIZE_LIMIT_EXCEEDED } from '../../src/upstream/ldap/result-codes.ts';
import { searchFault } from './search-verdict.ts';
import { type LdapOptions, TRAITS } from './settings.ts';
import { fillDn, fillFilter, isAccountName } from './template.ts';

export interface FoundUser {
  readonly kind: 'entry';
  readonly entry: LdapEntry;
}

/** Two: enough to know that there is more than one. */
const AT_MOST = 2;
const ANY_ENTRY = '(objectClass=*)';

/** Below `userSearch.baseDN`. A base that does not exist is an outage: with it nobody could be found. */
export async function findUser(
  search: Search,
  options: LdapOptions,
  username: string,
): Promise<Outcome<FoundUser | Abstained>> {
  const { user } = options;
  const wanted = user.how === 'dn' ? entryAt(user, username) : entryBelow(user.search, username);
  const answer = await search({ ...wanted, attributes: requestedAttributes(options), sizeLimit: AT_MOST });
  if (answer.kind !== 'found') return answer;
  if (user.how === 'dn' && answer.code === NO_SUCH_OBJECT) return abstained('unknown-user');
  const isCutOff = answer.code === SIZE_LIMIT_EXCEEDED && answer.entries.length > 0;
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

type Wanted = Pick<LdapSearch, 'baseDN' | 'scope' | 'filter'>;

function entryAt(user: { readonly template: string; readonly filter?: string }, username: string): Wanted {
  const filter = fillFilter(user.filter ?? ANY_ENTRY, { username });
  return { baseDN: fillDn(user.template, username), scope: 'base', filter };
}

function entryBelow(
  search: { readonly baseDN: string; readonly scope: Wanted['scope']; readonly filter: string },
  username: string,
): Wanted {
  return { baseDN: search.baseDN, scope: search.scope, filter: fillFilter(search.filter, { username }) };
}

/** What was configured, and what the broker itself needs: operational attributes come only when they are named. */
export function requestedAttributes({ user, directory, groups }: LdapOptions): readonly string[] {
  const { subjectAttributes, extraAttributes } = TRAITS[directory];
  const compared = user.comparisons.map(({ attribute }) => attribute);
  const needed = [...subjectAttributes, ...extraAttributes, ...(groups === undefined ? ['memberOf'] : [])];
  const all = [...(user.attributes ?? ['*']), ...compared, ...needed];
  return [...new Map(all.map((name) => [name.toLowerCase(), name])).values()];
}

/** False when a name cannot belong to an account and would change the meaning of a `{username}@domain` template. */
export function canBeAccount({ user }: LdapOptions, username: string): boolean {
  return user.how !== 'account' || isAccountName(username);
}
