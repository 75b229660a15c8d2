// The part of the probe that looks into the directory: base DNs, visible entries, and what the server can do.

import { type ProbeReport } from '../../src/core/provider.ts';
import { describeReason } from '../../src/core/reasons.ts';
import { type Unavailable } from '../../src/core/verdict.ts';
import { describeFault } from '../../src/upstream/http/fault-words.ts';
import { type LdapConnection, type SearchAnswer } from '../../src/upstream/ldap/connection.ts';
import { type Limit, type Outcome } from '../../src/upstream/ldap/fault.ts';
import { type LdapSearch } from '../../src/upstream/ldap/request.ts';
import { describeResult, RESULT } from '../../src/upstream/ldap/result.ts';
import { textsOf } from './entry.ts';
import { IN_CHAIN, type LdapOptions } from './settings.ts';
import { fillFilter } from './template.ts';

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
  const base = {
    baseDN: '',
    scope: 'base',
    filter: fillFilter('(objectClass=*)', {}),
    attributes: ['1.1'],
    sizeLimit: 1,
  } as const;
  const probe: Probe = { where, report, search: (wanted) => connection.search({ ...base, ...wanted }, limit) };
  if (bind === undefined && user.how !== 'search') return await probeRoot(probe);
  if (user.how !== 'dn') {
    const exists = await probeBase(probe, 'user base DN', user.search.baseDN);
    if (exists) await probeUsers(probe, options, user.search);
  }
  if (groups === undefined) return;
  await probeBase(probe, 'group base DN', groups.baseDN);
  if (groups.filter.includes(IN_CHAIN)) await probeInChain(probe);
}

/** Any server answers this one, if only to say no; more may only be looked at by somebody who is bound. */
async function probeRoot({ search, where, report }: Probe): Promise<void> {
  const step = 'LDAP answer';
  const answer = await search({ attributes: ['supportedLDAPVersion'] });
  if (answer.kind === 'unavailable') return reportFault(report, step, answer, where);
  if (!IS_AN_ANSWER.has(answer.code)) return report({ step, result: 'failed', detail: describeResult(answer.code) });
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
  const said = answer.kind === 'unavailable' ? seenIn(answer, where) : describeResult(answer.code);
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
async function probeUsers(
  { search, where, report }: Probe,
  { user }: LdapOptions,
  below: { readonly baseDN: string; readonly scope: LdapSearch['scope'] },
): Promise<void> {
  const attributes = [...new Set(user.comparisons.map(({ attribute }) => attribute))];
  const filter = fillFilter(`(|${attributes.map((attribute) => `(${attribute}=*)`).join('')})`, {});
  const step = `entries with ${attributes.join(' or ')} below ${below.baseDN}`;
  // One page of one entry, because there are servers (Samba) that know pages and ignore size limits.
  const answer = await search({ ...below, filter, sizeLimit: 2, page: { size: 1 } });
  if (answer.kind === 'found' && answer.entries.length > 0) return report({ step, result: 'ok' });
  const seen = answer.kind === 'unavailable' ? seenIn(answer, where) : 'the bind sees none';
  report({ step, result: 'warning', detail: `${seen}. Grant it read and search, or correct baseDN, scope or filter` });
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
