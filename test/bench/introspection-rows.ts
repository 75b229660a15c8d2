// Reviews that ask an introspection endpoint: what they cost beside a bare request, and that equal ones ask once.

import { type Broker, startBroker } from './broker.ts';
import { type Helper, startHelper } from './child.ts';
import { withConnections } from './http-contender.ts';
import { connectAll, tokenReviewRequest } from './load.ts';
import { loopContender } from './loop-contender.ts';
import { alternate } from './rounds.ts';
import type { Row } from './table.ts';

const CLIENT = { id: 'broker', secret: 'only-for-the-benchmark' };
const TARGET = 2.2;
const EQUAL = 100;
const ROUNDS = 5;
const IN_FLIGHT = 16;
const REQUESTS = 1000;

export async function introspectionRows(): Promise<readonly Row[]> {
  const upstream = await startHelper('introspection-server.ts', []);
  const broker = await startBroker(settings(upstream));
  const rows = [...(await besideBareRequests(broker, upstream)), await equalOnes(broker, upstream)];
  rows.push(...(await whileOneHangs(broker)));
  await broker.stop();
  upstream.stop();
  return rows;
}

function settings(upstream: Helper): Parameters<typeof startBroker>[0] {
  const provider = (name: string, path: string): object => ({
    name,
    type: 'oidc-introspection',
    options: {
      introspectionEndpoint: `http://127.0.0.1:${upstream.served}/${path}`,
      clientID: CLIENT.id,
      clientSecret: { env: 'BENCH_CLIENT_SECRET' },
    },
    claimMappings: { username: { claim: 'username', prefix: 'idp:' }, groups: { claim: 'groups', prefix: 'idp:' } },
  });
  return {
    providers: [provider('idp', 'introspect'), provider('slow', 'slow'), provider('hanging', 'hang')],
    endpoints: [
      { path: '/authenticate', providers: ['idp'] },
      { path: '/slow', providers: ['slow'] },
      { path: '/hang', providers: ['hanging'] },
    ],
    env: { BENCH_CLIENT_SECRET: CLIENT.secret },
  };
}

async function besideBareRequests(broker: Broker, upstream: Helper): Promise<readonly Row[]> {
  const authorization = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
  const url = `http://127.0.0.1:${upstream.served}/introspect`;
  const bare = await startHelper('client-loop.ts', ['introspection', JSON.stringify({ url, authorization })]);
  const served = {
    name: 'uncached introspection, whole review',
    target: broker.target,
    pid: broker.pid,
    requests: REQUESTS,
    request: (index: number) => tokenReviewRequest('/authenticate', `opaque-${index}`),
  };
  const results = await withConnections([served], IN_FLIGHT, (open) =>
    alternate([loopContender('bare undici request', bare, REQUESTS, IN_FLIGHT), ...open], ROUNDS),
  );
  bare.stop();
  const outages = await broker.metric('authbroker_token_reviews_total', 'verdict="unavailable"');
  if (outages > 0) throw new Error(`${outages} reviews found the introspection endpoint unavailable`);
  return results.map(({ name, cpuUs, cpuRatio: ratio, p50Ms, p99Ms }, at) => ({
    what: `${name}; ${IN_FLIGHT} in flight`,
    cpuUs,
    ratio,
    p50Ms,
    p99Ms,
    ...(at > 0 && { target: { says: `<= ${TARGET} x request`, isReached: ratio <= TARGET } }),
  }));
}

async function equalOnes(broker: Broker, upstream: Helper): Promise<Row> {
  const before = Number(await upstream.get('/asked'));
  const connections = await connectAll(broker.target, EQUAL);
  const request = tokenReviewRequest('/slow', 'the-same-opaque-token');
  await connections.send({ requests: EQUAL, request: () => request });
  connections.close();
  const calls = Number(await upstream.get('/asked')) - before;
  return {
    what: `${EQUAL} equal concurrent reviews`,
    measured: `${calls} upstream calls`,
    target: { says: 'exactly 1', isReached: calls === 1 },
  };
}

const HANGING_IN_FLIGHT = 8;

/** Cached reviews alone, then with reviews in flight that wait for an upstream which never answers. */
async function whileOneHangs(broker: Broker): Promise<readonly Row[]> {
  const request = tokenReviewRequest('/authenticate', 'a-cached-opaque-token');
  const cached = { target: broker.target, pid: broker.pid, requests: 1500, request: () => request };
  const hanging = await connectAll(broker.target, HANGING_IN_FLIGHT);
  let sent = 0;
  const [alone, beside] = await withConnections(
    [
      { ...cached, name: 'cached' },
      { ...cached, name: 'cached, an upstream hangs' },
    ],
    IN_FLIGHT,
    (open) =>
      alternate(
        open.map(({ name, run }, at) => ({
          name,
          run: async () => {
            sent += HANGING_IN_FLIGHT;
            const first = sent;
            const waiting = {
              requests: HANGING_IN_FLIGHT,
              request: (index: number) => tokenReviewRequest('/hang', `hang-${first + index}`),
            };
            const hung = at === 0 ? undefined : hanging.send(waiting);
            const sample = await run();
            await hung;
            return sample;
          },
        })),
        ROUNDS,
      ),
  );
  hanging.close();
  const ratio = (beside?.p99Ms ?? Number.NaN) / (alone?.p99Ms ?? Number.NaN);
  const row = (result: typeof alone): Pick<Row, 'what' | 'cpuUs' | 'p50Ms' | 'p99Ms'> => ({
    what: `${result?.name}; ${IN_FLIGHT} in flight`,
    cpuUs: result?.cpuUs ?? Number.NaN,
    p50Ms: result?.p50Ms ?? Number.NaN,
    p99Ms: result?.p99Ms ?? Number.NaN,
  });
  return [
    row(alone),
    {
      ...row(beside),
      measured: `p99 x ${ratio.toFixed(2)}`,
      target: { says: 'p99 <= 1.2 x alone', isReached: ratio <= 1.2 },
    },
  ];
}
