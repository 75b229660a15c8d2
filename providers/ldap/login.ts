// One login: find the entry, prove the password, state the claims. The order differs with how the user is found.

import type { Review } from '../../src/core/authenticator.ts';
import type { Claims } from '../../src/core/claims.ts';
import { canonicalName, type DroppedGroup } from '../../src/core/identity.ts';
import type { ProviderSeams } from '../../src/core/provider.ts';
import type { Secret } from '../../src/core/secret.ts';
import { type Abstained, abstained, authenticated, unavailable, type Verdict } from '../../src/core/verdict.ts';
import type { Search, Session } from '../../src/upstream/ldap/directory.ts';
import type { Outcome } from '../../src/upstream/ldap/fault.ts';
import type { LdapEntry, LdapResult } from '../../src/upstream/ldap/message.ts';
import { claimsOf, subjectOf, usernameOf } from './entry.ts';
import { canBeAccount, type FoundUser, findUser, loginAttributes, readUser, requestedAttributes } from './find-user.ts';
import { askAhead } from './group-search.ts';
import type { GroupNames, ResolveGroups } from './groups.ts';
import { type LdapOptions, TRAITS } from './options.ts';
import { fillAccount, fillDn } from './template.ts';
import { bindVerdict, type NotBound } from './verdicts.ts';

export interface LoginParts {
  readonly options: LdapOptions;
  readonly resolveGroups: ResolveGroups;
  readonly seams: Pick<ProviderSeams, 'name' | 'seldom'>;
}

export interface Attempt {
  readonly review: Review;
  readonly session: Session;
  readonly username: string;
  readonly password: Secret;
}

export type Login = (attempt: Attempt) => Promise<Verdict<Claims>>;

export function createLogin(parts: LoginParts): Login {
  const { options } = parts;
  const state = createStater(parts);
  const login = loginOf(options, state);
  return async (attempt) => {
    if (canBeAccount(options, attempt.username)) return await login(attempt);
    return abstained('unknown-user', 'no account can have such a name');
  };
}

function loginOf(options: LdapOptions, state: StateClaims): Login {
  const { user, bind } = options;
  if (user.how === 'search') return (attempt) => searchThenBind(attempt, options, state, ({ dn }) => dn);
  const bindName = (username: string): string =>
    user.how === 'dn' ? fillDn(user.template, username) : fillAccount(user.template, username);
  if (bind !== undefined && user.how === 'account') {
    return (attempt) => searchThenBind(attempt, options, state, () => bindName(attempt.username));
  }
  const direct = bind === undefined ? bindThenReadAsUser : bindWhileFinding;
  return async (attempt) => {
    // In one spelling: the directory compares names as canonicalName does.
    const spared = await attempt.review.spendOn?.(bindName(canonicalName(attempt.username)));
    return spared ?? (await direct(attempt, options, state, bindName(attempt.username)));
  };
}

type StateClaims = (search: Search, entry: LdapEntry) => Promise<Verdict<Claims>>;

/** Before the password is proven, nothing is read of the entry but what tells it from others. */
async function searchThenBind(
  attempt: Attempt,
  options: LdapOptions,
  state: StateClaims,
  bindNameOf: (entry: LdapEntry) => string,
): Promise<Verdict<Claims>> {
  const { review, session, username, password } = attempt;
  const found = await findUser(session.search, options, username, loginAttributes(options));
  if (found.kind !== 'entry') return found;
  const spared = await review.spendOn?.(found.entry.dn);
  if (spared !== undefined) return spared;
  const refusal = refusalOf(await session.bindUser(bindNameOf(found.entry), password), true);
  return refusal ?? (await readAndState(attempt, options, state, found.entry));
}

/** The name makes the DN, so the service account looks for the entry while the directory checks the password. */
async function bindWhileFinding(
  attempt: Attempt,
  options: LdapOptions,
  state: StateClaims,
  bindName: string,
): Promise<Verdict<Claims>> {
  const { session, username, password } = attempt;
  const [bound, found] = await Promise.all([
    session.bindUser(bindName, password),
    findUser(session.search, options, username, loginAttributes(options)),
  ]);
  const refusal = refusalOf(bound, found.kind === 'entry');
  if (refusal?.kind === 'abstained' && found.kind === 'abstained') return found;
  if (refusal !== undefined) return refusal;
  return found.kind === 'entry' ? await readAndState(attempt, options, state, found.entry) : unreadable(found);
}

async function readAndState(
  attempt: Attempt,
  options: LdapOptions,
  state: StateClaims,
  found: LdapEntry,
): Promise<Verdict<Claims>> {
  const { search } = attempt.session;
  // In Active Directory the entry says its primary group, whose groups are asked for in the same search.
  const groups = options.directory === 'activeDirectory' ? undefined : options.groups;
  const aheadSearch = askAhead(search, groups, found.dn);
  const read = await readUser(search, options, attempt.username, found);
  return read.kind === 'entry' ? await state(aheadSearch, read.entry) : unreadable(read);
}

/**
 * Without a service account the user reads the own entry. Searches on connections shared for user binds are forbidden,
 * because a search could run under whoever bound last; this connection was made for one login, is used for nothing else, and
 * is closed when the claims are stated.
 */
async function bindThenReadAsUser(
  attempt: Attempt,
  options: LdapOptions,
  state: StateClaims,
  bindName: string,
): Promise<Verdict<Claims>> {
  const { session, username, password } = attempt;
  const outcome = await session.asUser<Verdict<Claims>>(bindName, password, async (search, result) => {
    const reservation = bindVerdict(result, true);
    if (reservation !== undefined) return reservation;
    const found = await findUser(search, options, username, requestedAttributes(options));
    return found.kind === 'entry' ? await state(search, found.entry) : unreadable(found);
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

/** What the schema or the access rules of a directory cause does not pass by itself. */
const STANDING_LINE_EVERY_MS = 3_600_000;

function createStater({ options, resolveGroups, seams }: LoginParts): StateClaims {
  const { subjectAttributes } = TRAITS[options.directory];
  const configured = options.user.attributes ?? [];
  const warnOfRenames = (): void =>
    seams.seldom(
      'subject',
      'warn',
      'entries do not show an immutable key; the DN is the subject',
      { provider: seams.name, looksFor: subjectAttributes },
      STANDING_LINE_EVERY_MS,
    );
  return async (search, entry) => {
    const username = usernameOf(entry, options.user.name);
    const groups = await resolveGroups(search, entry, username);
    if (groups.kind !== 'names') return groups;
    const { subject, isStable } = subjectOf(entry, subjectAttributes);
    if (!isStable) warnOfRenames();
    const claims = claimsOf({ entry, username, groups: groups.names, subject, configured });
    const droppedGroups = droppedOf(groups);
    return authenticated(droppedGroups.length === 0 ? claims : { ...claims, droppedGroups });
  };
}

function droppedOf({ nameless, unasked }: GroupNames): readonly DroppedGroup[] {
  return [
    ...nameless.map((group): DroppedGroup => ({ group, why: 'nameless' })),
    ...unasked.map(({ what, why }): DroppedGroup => ({ group: what, why: 'not asked', detail: why })),
  ];
}
