// The part of the probe that looks into the directory: base DNs, visible entries, and what the server can do.

import { type ProbeReport } from '../../src/core/provider.ts';
import { describeReason } from '../../src/core/reasons.ts';
import { type Unavailable } from '../../src/core/verdict.ts';
import { describeFault } from '../../src/upstream/http/fault-words.ts';
import { ber } from '../../src/upstream/ldap/ber.ts';
import { type LdapConnection, type SearchAnswer } from '../../src/upstream/ldap/connection.ts';
import { type Limit, type Outcome } from '../../src/upstream/ldap/fault.ts';
import { ANY_ENTRY, anyOf, fillFilter, withAnyValue } from '../../src/upstream/ldap/filter.ts';
import { type LdapSearch } from '../../src/upstream/ldap/message.ts';
import { describeResult, quotable, RESULT } from '../../src/upstream/ldap/result.ts';
import { textsOf } from './entry.ts';
import { asksInChain, type EntrySearch, type GroupLookup, IN_CHAIN, type LdapOptions } from './options.ts';

/** `where` is the address that the fault begins with. */
export function reportFault(report: ProbeReport, step: string, fault: Unavailable, where: string): void {
  report({ step, result: 'failed', reason: fault.reason, detail: describeFault(fault, seenIn(fault, where)) });
}

/** What happened, without the address: the steps have told it already. */
export function seenIn({ reason, detail }: Unavailable, where: string): string {
  if (detail === undefined) return describeReason(reason).meaning.replace(/\.$/, '');
  return detail.startsWith(`${where}: `) ? detail.slice(where.length + 2) : detail;
}

const ACTIVE_DIRECTORY_OID = '1.2.840.113556.1.4.800';

/** A connection that is bound, if it can be. */
export interface Bound {
  readonly connection: LdapConnection;
  /** The address that faults of the connection begin with. */
  readonly where: string;
  readonly report: ProbeReport;
  readonly limit: Limit;
}

interface Probe extends Pick<Bound, 'where' | 'report'> {
  readonly search: (wanted: Partial<LdapSearch>) => Promise<Outcome<SearchAnswer>>;
}

/** Steps after the bind. Without a service account nothing can be looked at, because only users may. */
export async function probeBases({ connection, where, report, limit }: Bound, options: LdapOptions): Promise<void> {
  const { user, groups, bind } = options;
  const base = { baseDN: '', scope: 'base', filter: ANY_ENTRY, attributes: ['1.1'], sizeLimit: 1 } as const;
  const secrets = bind === undefined ? [] : [bind.password.reveal()];
  const search: Probe['search'] = async (wanted) => {
    const answer = await connection.search({ ...base, ...wanted }, limit);
    return answer.kind === 'found' ? { ...answer, said: quotable(answer.diagnostic, secrets) } : answer;
  };
  const probe: Probe = { where, report, search };
  if (bind === undefined && user.how !== 'search') return await probeRoot(probe);
  if (user.how !== 'dn') {
    const exists = await probeBase(probe, 'user base DN', user.search.baseDN);
    if (exists) await probeUsers(probe, options, user.search);
    if (exists && groups === undefined) await probeMemberOf(probe, user.search);
  }
  if (groups === undefined) return;
  const exists = await probeBase(probe, 'group base DN', groups.baseDN);
  if (exists) await probeGroups(probe, groups);
  if (asksInChain(groups.filter)) await probeInChain(probe);
}

/** Any server answers this one, if only to say no; more may only be looked at by somebody who is bound. */
async function probeRoot({ search, where, report }: Probe): Promise<void> {
  const step = 'LDAP answer';
  const answer = await search({ attributes: ['supportedLDAPVersion'] });
  if (answer.kind === 'unavailable') return reportFault(report, step, answer, where);
  if (!IS_AN_ANSWER.has(answer.code)) return report({ step, result: 'failed', detail: describeResult(answer) });
  report({ step, result: 'ok' });
  report({ step: 'base DNs', result: 'warning', detail: 'not looked at: without bind only a user can, at login' });
}

/** Success, and how servers refuse strangers; Active Directory says operationsError. */
const IS_AN_ANSWER: ReadonlySet<number> = new Set([
  RESULT.success,
  RESULT.operationsError,
  RESULT.strongerAuthRequired,
  RESULT.confidentialityRequired,
  RESULT.noSuchObject,
  RESULT.inappropriateAuthentication,
  RESULT.insufficientAccessRights,
  RESULT.unwillingToPerform,
]);

async function probeBase({ search, where, report }: Probe, what: string, baseDN: string): Promise<boolean> {
  const step = `${what} ${baseDN}`;
  const answer = await search({ baseDN });
  if (answer.kind === 'found' && answer.code === RESULT.success && answer.entries.length > 0) {
    report({ step, result: 'ok' });
    return true;
  }
  const said = answer.kind === 'unavailable' ? seenIn(answer, where) : describeResult(answer);
  const seen = answer.kind === 'found' && answer.code === RESULT.success ? 'the server shows no such entry' : said;
  report({
    step,
    result: 'failed',
    detail: `${seen}. Check the spelling, and that the bind may see the entry`,
    ...(answer.kind === 'unavailable' && { reason: answer.reason }),
  });
  return false;
}

/** A service account that may not read the compared attribute finds nobody, and the directory does not say so. */
async function probeUsers({ search, where, report }: Probe, { user }: LdapOptions, below: EntrySearch): Promise<void> {
  const attributes = [...new Set(user.comparisons.map(({ attribute }) => attribute))];
  const filter = anyOf(attributes.map((attribute) => ber(0x87, attribute)));
  const step = `entries with ${attributes.join(' or ')} below ${below.baseDN}`;
  const answer = await sample(search, { baseDN: below.baseDN, scope: below.scope, filter }, 1);
  if (answer.kind === 'found' && answer.entries.length > 0) return report({ step, result: 'ok' });
  const seen = answer.kind === 'unavailable' ? seenIn(answer, where) : 'the bind sees none';
  report({ step, result: 'warning', detail: `${seen}. Grant it read and search, or correct baseDN, scope or filter` });
}

/** A service account that may not read memberOf lets everybody in without groups. */
async function probeMemberOf({ search, where, report }: Probe, { baseDN, scope }: EntrySearch): Promise<void> {
  const step = `entries with memberOf below ${baseDN}`;
  const answer = await sample(search, { baseDN, scope, filter: ber(0x87, 'memberOf') }, 1);
  if (answer.kind === 'found' && answer.entries.length > 0) return report({ step, result: 'ok' });
  const seen = answer.kind === 'unavailable' ? seenIn(answer, where) : 'the bind sees none, so nobody has groups';
  report({ step, result: 'warning', detail: `${seen}. Grant it read and search of memberOf, or write groupSearch` });
}

const SAMPLE_GROUPS = 20;

/** A group without a name is left out of everybody's groups. */
async function probeGroups(
  { search, where, report }: Probe,
  { baseDN, filter, nameAttribute }: GroupLookup,
): Promise<void> {
  const step = `groups below ${baseDN}`;
  const wanted = { baseDN, scope: 'sub', filter: fillFilter(withAnyValue(filter), () => []) ?? ANY_ENTRY } as const;
  const isDn = nameAttribute.toLowerCase() === 'dn';
  const answer = await sample(search, { ...wanted, attributes: isDn ? ['1.1'] : [nameAttribute] }, SAMPLE_GROUPS);
  if (answer.kind === 'unavailable') return report({ step, result: 'warning', detail: seenIn(answer, where) });
  const seen = answer.entries.length;
  if (seen === 0) {
    return report({ step, result: 'warning', detail: 'the bind sees none that groupSearch.filter could find' });
  }
  const named = answer.entries.filter(
    (entry) => isDn || textsOf(entry, nameAttribute).some((name) => name !== ''),
  ).length;
  const detail = `${named} of ${seen} seen have ${nameAttribute}`;
  if (named === seen) return report({ step, result: 'ok', detail });
  report({
    step,
    result: 'warning',
    detail: `${detail}; the others are left out. Grant read of it, or name another attribute`,
  });
}

/** In one page, because some servers (Samba) know pages and ignore size limits; others refuse pages. */
async function sample(
  search: Probe['search'],
  wanted: Partial<LdapSearch>,
  size: number,
): Promise<Outcome<SearchAnswer>> {
  const answer = await search({ ...wanted, sizeLimit: size + 1, page: { size, isSample: true } });
  const isAnswer = answer.kind === 'unavailable' || answer.entries.length > 0 || answer.code === RESULT.success;
  return isAnswer ? answer : await search({ ...wanted, sizeLimit: size });
}

/** Elsewhere the rule matches nothing, without an error, and everybody is in no group. */
async function probeInChain({ search, report }: Probe): Promise<void> {
  const answer = await search({ attributes: ['supportedCapabilities'] });
  const step = `matching rule ${IN_CHAIN}`;
  const [entry] = answer.kind === 'found' ? answer.entries : [];
  const isActiveDirectory =
    entry !== undefined && textsOf(entry, 'supportedCapabilities').includes(ACTIVE_DIRECTORY_OID);
  if (isActiveDirectory) return report({ step, result: 'ok' });
  report({
    step,
    result: 'warning',
    detail: 'the server does not say that it is an Active Directory; elsewhere this rule finds no group',
  });
}
