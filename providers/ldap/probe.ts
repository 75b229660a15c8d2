// `check --connect` for a directory: every step that a login needs, for every server, without anybody's password.

import { isIP } from 'node:net';
import type { ProbeReport } from '../../src/core/provider.ts';
import { createConnection, type LdapConnection } from '../../src/upstream/ldap/connection.ts';
import { type Dialled, type DialStep, type DialTarget, dial } from '../../src/upstream/ldap/dial.ts';
import type { Limit } from '../../src/upstream/ldap/fault.ts';
import { describeResult, quotable, RESULT } from '../../src/upstream/ldap/result.ts';
import { serviceBindFault } from '../../src/upstream/ldap/upstream.ts';
import type { LdapOptions } from './options.ts';
import { probeBases, reportFault } from './probe-directory.ts';

/** One server after the other; a failed step ends the steps of its server only. Throws nothing. */
export async function probeServers(
  targets: readonly DialTarget[],
  options: LdapOptions,
  report: ProbeReport,
  limit: Limit,
): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- the steps of one server are reported together
  for (const target of targets) await probeServer(target, options, report, limit);
}

async function probeServer(target: DialTarget, options: LdapOptions, report: ProbeReport, limit: Limit): Promise<void> {
  const dialled = await probeDial(target, report, limit);
  if (dialled === undefined) return;
  const connection = createConnection(dialled.socket, target.url.href);
  try {
    if (!(await probeBind(connection, target, options, report, limit))) return;
    await probeBases({ connection, where: target.url.href, report, limit }, options);
  } finally {
    connection.destroy();
  }
}

/** The steps that a server of this kind goes through, in order; the first that is not reached is the one that failed. */
async function probeDial(target: DialTarget, report: ProbeReport, limit: Limit): Promise<Dialled | undefined> {
  const { url, startTLS } = target;
  const steps: DialStep[] = [
    ...(isIP(url.host) === 0 ? (['resolve'] as const) : []),
    'connect',
    ...(startTLS ? (['StartTLS'] as const) : []),
    ...(startTLS || url.secure ? (['TLS'] as const) : []),
  ];
  const nameOf = (step: DialStep): string => {
    if (step === 'resolve') return `resolve ${url.host}`;
    return step === 'connect' ? `connect to ${url.href}` : `${step} with ${url.href}`;
  };
  const dialled = await dial(target, limit, (step, found) => {
    steps.splice(steps.indexOf(step), 1);
    report({ step: nameOf(step), result: 'ok', ...(found !== undefined && { detail: found }) });
  });
  if (dialled.kind === 'dialled') return dialled;
  reportFault(report, nameOf(steps[0] ?? 'connect'), dialled, url.href);
  return undefined;
}

async function probeBind(
  connection: LdapConnection,
  { url }: DialTarget,
  { bind }: LdapOptions,
  report: ProbeReport,
  limit: Limit,
): Promise<boolean> {
  if (bind === undefined) return true;
  const step = `bind as ${bind.dn} at ${url.href}`;
  const result = await connection.bind('service', bind.dn, bind.password, limit);
  if (result.kind === 'result' && result.code === RESULT.success) {
    report({ step, result: 'ok' });
    return true;
  }
  const fault =
    result.kind === 'unavailable'
      ? result
      : {
          ...serviceBindFault(result, bind, url.href),
          detail: describeResult({ ...result, said: quotable(result.diagnostic, [bind.password.reveal()]) }),
        };
  reportFault(report, step, fault, url.href);
  return false;
}
