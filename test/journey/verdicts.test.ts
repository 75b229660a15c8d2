// Each of the four verdicts as kube-apiserver reads it, in both versions, with the metrics and the log line it leaves.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReviewRequest } from '../support/apiserver-client.ts';
import { type Broker, startBroker } from '../support/broker.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { movesOf } from '../support/metric-series.ts';
import { usersFile } from '../support/users-file.ts';

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const USER = { username: 'staff:alice', uid: '7', groups: ['staff:developers', 'staff:admins'] };

async function startTwo(t: Parameters<typeof startBroker>[0]): Promise<Broker> {
  const upstream = await startFakeHttp({ handler: () => ({ status: 401 }) });
  await upstream.close();
  const users = { username: 'alice', password: 'wonderland', uid: '7', groups: ['developers', 'admins'] };
  return startBroker(t, {
    files: { 'users.yaml': usersFile(users) },
    config: {
      webhook: {
        endpoints: [
          { path: '/authenticate', providers: ['staff'] },
          { path: '/web', providers: ['web'] },
        ],
      },
      providers: [
        { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
        { name: 'web', type: 'http-basic', options: { url: `http://localhost:${upstream.port}/`, canary: false } },
      ],
    },
  });
}

const rows = [
  {
    name: 'authenticated says who it is, and nothing of what was sent',
    token: 'alice:wonderland',
    path: '/authenticate',
    want: (fingerprint: string) => ({
      authenticated: true,
      user: { ...USER, extra: { [CREDENTIAL_ID]: [`BROKER=${fingerprint}…`], 'kube-auth-broker/provider': ['staff'] } },
    }),
    verdict: 'authenticated',
    reason: 'ok',
    provider: 'staff',
    line: { username: 'staff:alice', uid: '7' },
    rest: { entries: 1, up: { staff: 1 } },
  },
  {
    name: 'abstained is refused, without an error',
    token: 'carol:wonderland',
    path: '/authenticate',
    want: () => ({ authenticated: false }),
    verdict: 'abstained',
    reason: 'unknown-user',
    provider: 'staff',
    line: {},
    rest: { entries: 1, up: { staff: 1 } },
  },
  {
    name: 'rejected is refused, without an error',
    token: 'alice:looking-glass',
    path: '/authenticate',
    want: () => ({ authenticated: false }),
    verdict: 'rejected',
    reason: 'wrong-password',
    provider: 'staff',
    line: {},
    rest: { entries: 1, up: { staff: 1 } },
  },
  {
    name: 'unavailable is not authenticated, with an error that names the review and nothing else',
    token: 'alice:wonderland',
    path: '/web',
    want: (_: string, id: string) => ({
      authenticated: false,
      error: `authentication is unavailable, review ${id}`,
    }),
    verdict: 'unavailable',
    reason: 'connection-refused',
    provider: 'web',
    line: {},
    rest: { up: { web: 0 } },
  },
];

void describe('a verdict on the wire', () => {
  for (const version of ['v1', 'v1beta1'] as const) {
    for (const { name, token, path, want, verdict, reason, provider, line, rest } of rows) {
      void test(`${version}: ${name}`, async (t) => {
        const broker = await startTwo(t);
        const request: ReviewRequest = { version, path };
        const answer = await broker.post(token, request);
        const id = String(answer.headers['x-request-id']);
        const [logged = {}, ...more] = broker.logged('review');
        const { durationMs, fingerprint, ...said } = logged;
        assert.ok(typeof fingerprint === 'string' && typeof durationMs === 'number');
        const told = verdict === 'abstained' ? 'rejected' : verdict;
        const about = { level: 'info', msg: 'review', id, endpoint: path, verdict: told, reason, provider };

        assert.equal(answer.status, 200);
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.deepEqual(JSON.parse(shortened(answer.text)), {
          apiVersion: `authentication.k8s.io/${version}`,
          kind: 'TokenReview',
          status: want(fingerprint, id),
        });
        assert.deepEqual(said, { ...about, ...line, cache: 'miss' });
        assert.match(fingerprint, /^[\w-]{12}$/);
        assert.deepEqual(more, []);
        const moved = { reviews: { [`${path} ${told} ${reason}`]: 1 }, cache: { miss: 1 }, ...rest };
        const providers = { [`${provider} ${verdict} ${reason}`]: 1 };
        assert.deepEqual(await broker.moved(), movesOf({ ...moved, providers }));
      });
    }
  }
});

/** The fingerprint as far as the log line shows it. */
function shortened(body: string): string {
  return body.replace(/(BROKER=[\w-]{12})[\w-]{31}"/, '$1…"');
}
