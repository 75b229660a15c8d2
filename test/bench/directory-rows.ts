// Reviews that ask a real OpenLDAP over LDAPS, beside guard's way; nothing is cached.

import { makePki } from '../live/rig/pki.ts';
import { type Slapd, slapdMissing, startSlapd } from '../live/rig/slapd.ts';
import { GROUPS, PEOPLE, SERVICE } from '../live/rig/slapd-data.ts';
import { temporaryFolder } from '../live/rig/temp.ts';
import { type Broker, startBroker } from './broker.ts';
import { startHelper } from './child.ts';
import { type Served, withConnections } from './http-contender.ts';
import { tokenReviewRequest } from './load.ts';
import { loopContender } from './loop-contender.ts';
import { alternate, type Result } from './rounds.ts';
import type { Row } from './table.ts';

const USERS = 1000;
const ROUNDS = 3;
const LOADS = [
  { inFlight: 16, requests: 600, target: 3 },
  { inFlight: 1, requests: 150, target: 5 },
] as const;

export async function directoryRows(): Promise<readonly Row[]> {
  const missing = slapdMissing();
  if (missing !== false) return [{ what: 'uncached LDAP review over LDAPS', measured: `not measured: ${missing}` }];
  const slapd = await startSlapd({ pki: makePki(temporaryFolder('pki')), users: USERS, anonymousRead: false });
  const broker = await startBroker(settings(slapd));
  const guard = await startHelper('client-loop.ts', ['guard', JSON.stringify(guardSettings(slapd))]);
  const rows: Row[] = [];
  for (const { inFlight, requests, target } of LOADS) {
    // oxlint-disable-next-line no-await-in-loop -- loads must not meet
    const results = await withConnections([served(broker, requests)], inFlight, (open) =>
      alternate([loopContender("LDAPS, guard's way without a server", guard, requests, inFlight), ...open], ROUNDS),
    );
    rows.push(...results.map((result, at) => rowOf(result, inFlight, at === 0 ? undefined : target)));
  }
  const outages = await broker.metric('authbroker_token_reviews_total', 'verdict="unavailable"');
  await broker.stop();
  guard.stop();
  await slapd.stop();
  if (outages > 0) throw new Error(`${outages} reviews found the directory unavailable`);
  return rows;
}

function settings(slapd: Slapd): Parameters<typeof startBroker>[0] {
  const options = {
    urls: [slapd.ldapsUrl],
    tls: { caFile: slapd.caFile },
    bind: { dn: SERVICE.dn, password: { env: 'BENCH_BIND_PASSWORD' } },
    userSearch: { baseDN: PEOPLE, filter: '(uid={username})' },
  };
  const claimMappings = { username: { claim: 'uid', prefix: 'ldap:' }, groups: { claim: 'groups', prefix: 'ldap:' } };
  return {
    mutualTls: true,
    providers: [{ name: 'directory', type: 'ldap', options, claimMappings }],
    cache: { authenticatedTTL: '0s', rejectedTTL: '0s' },
    env: { BENCH_BIND_PASSWORD: SERVICE.password },
  };
}

function guardSettings(slapd: Slapd): object {
  return {
    url: slapd.ldapsUrl,
    caFile: slapd.caFile,
    bindDN: SERVICE.dn,
    bindPassword: SERVICE.password,
    userBase: PEOPLE,
    groupBase: GROUPS,
    users: USERS,
  };
}

function served(broker: Broker, requests: number): Served {
  return {
    name: 'LDAPS, whole review over mutual TLS',
    target: broker.target,
    pid: broker.pid,
    requests,
    request: (index) => tokenReviewRequest('/authenticate', `user${index % USERS}:pw-user${index % USERS}`),
  };
}

function rowOf({ name, cpuUs, p50Ms, p99Ms, perSecond, speedRatio }: Result, inFlight: number, target?: number): Row {
  return {
    what: `${name}; ${inFlight} in flight`,
    cpuUs,
    p50Ms,
    p99Ms,
    measured: `${perSecond.toFixed(0)}/s${target === undefined ? '' : `, x ${speedRatio.toFixed(1)}`}`,
    ...(target !== undefined && { target: { says: `>= ${target} x reviews/s`, isReached: speedRatio >= target } }),
  };
}
