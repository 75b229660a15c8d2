// One login: find the entry, prove the password, state the claims. The order differs with how the user is found.

import type { Review } from '../../src/core/authenticator.ts';
import { type Claims } from '../../src/core/claims.ts';
import { canonicalName } from '../../src/core/identity.ts';
import { type Log } from '../../src/core/seams.ts';
import { type Secret } from '../../src/core/secret.ts';
import { type Abstained, abstained, authenticated, unavailable, type Verdict } from '../../src/core/verdict.ts';
import { type Search, type Session } from '../../src/upstream/ldap/directory.ts';
import { type Outcome } from '../../src/upstream/ldap/fault.ts';
import { type LdapSearch } from '../../src/upstream/ldap/request.ts';
import { type LdapEntry, type LdapResult } from '../../src/upstream/ldap/response.ts';
import { RESULT } from '../../src/upstream/ldap/result.ts';
import { claimsOf, ownSpelling, subjectOf } from './entry.ts';
import { type ResolveGroups } from './groups.ts';
import { type LdapOptions, TRAITS } from './settings.ts';
import { fillAccount, fillDn, fillFilter, isAccountName } from './template.ts';
import { bindVerdict, type NotBound, searchFault } from './verdicts.ts';

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
  if (user.how === 'dn' && answer.code === RESULT.noSuchObject) return abstained('unknown-user');
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

export interface LoginParts {
  readonly options: LdapOptions;
  readonly resolveGroups: ResolveGroups;
  readonly log: Log;
  readonly name: string;
}

/** `spendOn` asks leave to try the password on the entry that was found. */
export type Login = (
  session: Session,
  username: string,
  password: Secret,
  spendOn: Review['spendOn'],
) => Promise<Verdict<Claims>>;

export function createLogin(parts: LoginParts): Login {
  const { options } = parts;
  const state = createStater(parts);
  if (options.user.how === 'search') return searchThenBind(options, state);
  const nameOf = bindNameOf(options);
  const direct = options.bind === undefined ? bindThenReadAsUser : bindWhileReading;
  return async (session, username, password, spendOn) => {
    if (!canBeAccount(options, username)) return abstained('unknown-user', 'no account can have such a name');
    // In one spelling: the directory compares names as canonicalName does.
    const spared = await spendOn?.(nameOf(canonicalName(username)));
    if (spared !== undefined) return spared;
    return await direct({ options, state, session, username, password, bindName: nameOf(username) });
  };
}

function bindNameOf({ user }: LdapOptions): (username: string) => string {
  if (user.how === 'dn') return (username) => fillDn(user.template, username);
  return user.how === 'account' ? (username) => fillAccount(user.template, username) : (username) => username;
}

type StateClaims = (search: Search, entry: LdapEntry, username: string) => Promise<Verdict<Claims>>;

/** The user's bind is the last thing before the groups, so that nothing is looked up for a wrong password. */
function searchThenBind(options: LdapOptions, state: StateClaims): Login {
  return async (session, username, password, spendOn) => {
    const found = await findUser(session.search, options, username);
    if (found.kind !== 'entry') return found;
    const spared = await spendOn?.(found.entry.dn);
    if (spared !== undefined) return spared;
    const refusal = refusalOf(await session.bindUser(found.entry.dn, password), true);
    return refusal ?? (await state(session.search, found.entry, username));
  };
}

interface Direct {
  readonly options: LdapOptions;
  readonly state: StateClaims;
  readonly session: Session;
  readonly username: string;
  readonly password: Secret;
  readonly bindName: string;
}

/** With a service account the entry is read while the directory checks the password: one round trip instead of two. */
async function bindWhileReading({ options, state, session, username, password, bindName }: Direct) {
  const [bound, found] = await Promise.all([
    session.bindUser(bindName, password),
    findUser(session.search, options, username),
  ]);
  const refusal = refusalOf(bound, found.kind === 'entry');
  if (refusal?.kind === 'abstained' && found.kind === 'abstained') return found;
  return refusal ?? (found.kind === 'entry' ? await state(session.search, found.entry, username) : unreadable(found));
}

/**
 * Without a service account the user reads the own entry. Searches on connections shared for user binds are forbidden,
 * because a search could run under whoever bound last; this connection was made for one login, is shared with nobody, and
 * is closed when the claims are stated.
 */
async function bindThenReadAsUser({ options, state, session, username, password, bindName }: Direct) {
  const outcome = await session.asUser<Verdict<Claims>>(bindName, password, async (search, result) => {
    const reservation = bindVerdict(result, true);
    if (reservation !== undefined) return reservation;
    const found = await findUser(search, options, username);
    return found.kind === 'entry' ? await state(search, found.entry, username) : unreadable(found);
  });
  if (outcome.kind !== 'result') return outcome;
  return bindVerdict(outcome, false) ?? unavailable('internal', 'a successful bind was not used');
}

function refusalOf(bound: Outcome<LdapResult>, isKnown: boolean): NotBound | undefined {
  return bound.kind === 'result' ? bindVerdict(bound, isKnown) : bound;
}

function unreadable(found: Exclude<Outcome<FoundUser | Abstained>, FoundUser>): Verdict<Claims> {
  if (found.kind === 'unavailable') return found;
  return unavailable('entry-unreadable', 'the password is right, but the search does not find the entry');
}

function createStater({ options, resolveGroups, log, name }: LoginParts): StateClaims {
  const { subjectAttributes } = TRAITS[options.directory];
  const configured = options.user.attributes ?? [];
  let hasWarned = false;
  return async (search, entry, asked) => {
    const username = ownSpelling(entry, options.user.comparisons, asked);
    const groups = await resolveGroups(search, entry, username);
    if (groups.kind !== 'names') return groups;
    const { subject, isStable } = subjectOf(entry, subjectAttributes);
    if (!isStable && !hasWarned) {
      hasWarned = true;
      log('warn', 'entries do not show an immutable key; the DN is the subject', {
        provider: name,
        looksFor: subjectAttributes,
      });
    }
    return authenticated(claimsOf({ entry, username, groups: groups.names, subject, configured }));
  };
}
