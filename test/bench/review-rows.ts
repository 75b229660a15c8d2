// Reviews that no upstream delays: cached, refused by the token's form, and evaluated anew, beside bare node:http.

import { type Broker, CA, SERVER, startBroker, TOKENS } from './broker.ts';
import { type Helper, startHelper } from './child.ts';
import { type Served, withConnections } from './http-contender.ts';
import { tokenReviewRequest } from './load.ts';
import { postReview } from './review.ts';
import { alternate, type Result } from './rounds.ts';
import { type Row, ratioTarget } from './table.ts';

const ROUNDS = 7;
const LOADS = [
  { inFlight: 32, requests: 2500, most: 1.35 },
  { inFlight: 8, requests: 2000, most: 1.25 },
  { inFlight: 1, requests: 1500, most: 1.2 },
] as const;

const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const [ALICE = ''] = TOKENS;
const SERVICE_ACCOUNT = `${segment({ alg: 'RS256' })}.${segment({ iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:a:b' })}.c2ln`;
/** What neither parses as a credential nor ever could: a username that holds a control character. */
const GARBAGE = 'al\u0007ice:wonderland';

export async function reviewRows(mutualTls: boolean): Promise<readonly Row[]> {
  const over = mutualTls ? 'mutual TLS' : 'plain HTTP';
  const caching = await startBroker({ mutualTls });
  const forgetting = await startBroker({ mutualTls, cache: { authenticatedTTL: '0s', rejectedTTL: '0s' } });
  const bare = await startBare(caching, mutualTls);
  const rows: Row[] = [];
  for (const { inFlight, requests, most } of LOADS) {
    const served = contenders({ bare, caching, forgetting }, requests);
    // oxlint-disable-next-line no-await-in-loop -- loads must not meet
    const results = await withConnections(served, inFlight, (open) => alternate(open, ROUNDS));
    rows.push(...rowsOf(results, `${over}, ${inFlight} in flight`, most));
  }
  await Promise.all([caching.stop(), forgetting.stop()]);
  bare.stop();
  return rows;
}

interface Servers {
  readonly bare: Helper;
  readonly caching: Broker;
  readonly forgetting: Broker;
}

/** The bare server answers the very bytes that the broker answers. */
async function startBare(broker: Broker, mutualTls: boolean): Promise<Helper> {
  const { status } = await postReview(broker.target, ALICE);
  const tls = mutualTls ? [SERVER.key, SERVER.cert, CA] : [];
  return await startHelper('bare-server.ts', [ALICE, JSON.stringify(status), ...tls]);
}

function contenders({ bare, caching, forgetting }: Servers, requests: number): readonly Served[] {
  const sending = (...tokens: readonly string[]): Pick<Served, 'requests' | 'request'> => {
    const all = tokens.map((token) => tokenReviewRequest('/authenticate', token));
    return { requests, request: (index) => all[index % all.length] ?? Buffer.alloc(0) };
  };
  const { pid, target } = caching;
  return [
    {
      name: 'bare node:http',
      target: { ...target, port: bare.served },
      pid: bare.pid,
      ...sending(ALICE),
    },
    { name: 'cached', target, pid, ...sending(ALICE) },
    { name: 'refused: garbage', target, pid, ...sending(GARBAGE) },
    { name: 'refused: ServiceAccount token', target, pid, ...sending(SERVICE_ACCOUNT) },
    { name: 'uncached, users file', target: forgetting.target, pid: forgetting.pid, ...sending(...TOKENS) },
  ];
}

function rowsOf(results: readonly Result[], where: string, most: number): readonly Row[] {
  const cached = results.find(({ name }) => name === 'cached')?.cpuRatio ?? Number.NaN;
  return results.map((result) => {
    const { name, cpuUs, cpuRatio: ratio, cpuRatioInterval: interval, rounds, p50Ms, p99Ms } = result;
    const row = { what: `${name}; ${where}`, cpuUs, ratio, interval, rounds, p50Ms, p99Ms };
    if (name === 'cached') return { ...row, target: ratioTarget(result, most, 'bare') };
    return name.startsWith('refused')
      ? { ...row, target: ratioTarget(result, rounded(cached), 'bare, as cached') }
      : row;
  });
}

function rounded(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
