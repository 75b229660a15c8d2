// From a password to a token to kube-apiserver, through the whole program: rotation, revocation, budget, logs and metrics.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newKey } from '../../src/issuer/new-key.ts';
import { run } from '../cli/setup.ts';
import { type Answer, apiServer } from '../support/apiserver-client.ts';
import { authority, type Broker, type BrokerConfig, startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { createSinks } from '../support/sinks.ts';
import { usersFile } from '../support/users-file.ts';
import { basic, bearerHeader, json } from './setup.ts';

const PASSWORD = 'wonderland-canary-7f3a';
const PEOPLE = usersFile(
  { username: 'alice', password: PASSWORD, uid: '1001', groups: ['devs'] },
  { username: 'bob', password: 'builder' },
);
const OLD = { id: 'old', algorithm: 'EdDSA', privateKey: { file: 'old.pem' } };
const NEW = { id: 'new', algorithm: 'ES256', privateKey: { file: 'new.pem' } };

const config = (keys: readonly object[], more: object = {}): BrokerConfig => ({
  issuer: {
    name: 'https://broker.corp.example',
    audience: 'kubernetes',
    keys,
    revocationsFile: 'state/revocations.yaml',
  },
  portal: {
    address: '127.0.0.1:0',
    publicURL: 'https://broker.corp.example',
    signIn: { password: { endpoint: '/authenticate' } },
  },
  providers: [
    { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
    { name: 'issued', type: 'issued' },
  ],
  ...more,
});

interface Journey extends Broker {
  /** A POST to the portal. */
  post(path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer>;
  signIn(username?: string, password?: string): Promise<string>;
}

async function start(t: Parameters<typeof startBroker>[0], keys: readonly object[] = [OLD]): Promise<Journey> {
  const files = {
    'users.yaml': PEOPLE,
    'old.pem': newKey('EdDSA', randomBytes).secret,
    'new.pem': newKey('ES256', randomBytes).secret,
  };
  const broker = await startBroker(t, { files, config: config(keys) });
  const portal = apiServer(`http://${broker.portal}`);
  t.after(() => portal.close());
  const post: Journey['post'] = (path, headers, body = '') =>
    portal.send(path, { headers: { 'Content-Length': Buffer.byteLength(body), ...headers }, body });
  const signIn: Journey['signIn'] = async (username = 'alice', password = PASSWORD) => {
    const answer = await post('/token', basic(username, password));
    assert.equal(answer.status, 200, answer.text);
    return String(json(answer)['token']);
  };
  return { ...broker, post, signIn };
}

const nameOf = async (broker: Broker, token: string): Promise<string | undefined> =>
  (await broker.review(token)).user?.username;

void describe('a token of the portal', () => {
  void test('is for kube-apiserver who signed in, with the same uid and groups', async (t) => {
    const broker = await start(t);
    const token = await broker.signIn();
    const { user } = await broker.review(token);
    assert.ok(user);
    const { extra, ...who } = user;
    assert.deepEqual(who, { username: 'staff:alice', uid: '1001', groups: ['staff:devs'] });
    assert.deepEqual(extra['kube-auth-broker/provider'], ['issued']);
    await broker.review(token);
    const moved = await broker.moved();
    const others = { 'tokens_issued_total{method="password",result="issued"}': 1 };
    const want = movesOf({
      reviews: { 'authenticated ok': 2 },
      cache: { miss: 2 },
      providers: { 'staff authenticated ok': 1, 'staff abstained wrong-kind': 2, 'issued authenticated ok': 2 },
      up: { staff: 1, issued: 1 },
      entries: 1,
      others,
    });
    assert.deepEqual(moved, want, 'a verdict that may be revoked is not remembered; that of the password is');
  });

  void test('is good on every endpoint with the provider, and carries its audiences', async (t) => {
    const broker = await start(t);
    const token = await broker.signIn();
    broker.configure(
      config([OLD], {
        webhook: { endpoints: [{ path: '/authenticate', audiences: ['https://kubernetes.default.svc'] }] },
      }),
    );
    await broker.reloaded(1);
    const status = await broker.review(token, { audiences: ['https://kubernetes.default.svc', 'x'] });
    assert.deepEqual(status.audiences, ['https://kubernetes.default.svc']);
    assert.equal((await broker.review(token, { audiences: ['x'] })).authenticated, false);
  });

  void test('outlives a rotation of keys, and no review fails meanwhile', async (t) => {
    const broker = await start(t);
    const token = await broker.signIn();
    const steps = [[OLD, NEW], [NEW, OLD], [NEW]];
    const isRotating = (): boolean => broker.logged('configuration reloaded').length < 3;
    const reviews = (async () => {
      const refused: string[] = [];
      while (isRotating()) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, as kube-apiserver asks
        const status = await broker.review(token);
        if (!status.authenticated && isRotating()) refused.push(JSON.stringify(status));
      }
      return refused;
    })();
    broker.configure(config(steps[0] ?? []));
    await broker.reloaded(1);
    const second = await broker.signIn();
    broker.configure(config(steps[1] ?? []));
    await broker.reloaded(2);
    const third = await broker.signIn();
    assert.deepEqual(await Promise.all([second, third].map((each) => nameOf(broker, each))), [
      'staff:alice',
      'staff:alice',
    ]);
    broker.configure(config(steps[2] ?? []));
    await broker.reloaded(3);
    assert.deepEqual(await reviews, []);
    assert.equal(await nameOf(broker, token), undefined, 'its key has gone');
    assert.equal(await nameOf(broker, third), 'staff:alice');
  });
});

void describe('a revocation', () => {
  void test('counts for the next review, also after a reload', async (t) => {
    const broker = await start(t);
    const token = await broker.signIn();
    assert.equal(await nameOf(broker, token), 'staff:alice');
    await broker.moved();
    assert.equal((await broker.post('/revoke', bearerHeader(token))).status, 204);
    assert.equal((await broker.moved())['tokens_revoked_total'], 1);
    assert.deepEqual(await broker.review(token), { authenticated: false });
    broker.process.signal('SIGHUP');
    assert.deepEqual(await broker.review(token), { authenticated: false });
    const [line] = broker.logged('token revoked');
    assert.equal(line?.['username'], 'staff:alice');
  });

  void test('by another process counts for the next review: one token, and all of a user', async (t) => {
    const broker = await start(t);
    const [one, two, bobs] = [await broker.signIn(), await broker.signIn(), await broker.signIn('bob', 'builder')];
    const names = () => Promise.all([one, two, bobs].map((token) => nameOf(broker, token)));
    assert.deepEqual(await names(), ['staff:alice', 'staff:alice', 'staff:bob']);
    const jti = broker.logged('token issued')[0]?.['jti'];
    assert.ok(typeof jti === 'string');
    const revoke = (...what: readonly string[]) =>
      run(['issuer', 'revoke', '--config', join(broker.folder, 'broker.yaml'), ...what]);
    assert.equal((await revoke('--jti', jti)).code, 0);
    assert.deepEqual(await names(), [undefined, 'staff:alice', 'staff:bob']);
    assert.equal((await revoke('--user', 'staff:alice')).code, 0);
    assert.deepEqual(await names(), [undefined, undefined, 'staff:bob']);
    assert.deepEqual(broker.logged('configuration reloaded'), [], 'no reload was needed');
  });
});

void describe('a sign-in at the portal', () => {
  void test('spends the same budget as the webhook', async (t) => {
    const broker = await start(t);
    for (const wrong of ['a', 'b']) {
      // oxlint-disable-next-line no-await-in-loop -- one wrong password after the other
      assert.equal((await broker.post('/token', basic('bob', wrong))).status, 401);
    }
    for (const wrong of ['c', 'd', 'e']) {
      // oxlint-disable-next-line no-await-in-loop -- one wrong password after the other
      assert.deepEqual(await broker.review(`bob:${wrong}`), { authenticated: false });
    }
    assert.match((await broker.review('bob:f')).error ?? '', /unavailable/);
    assert.equal((await broker.post('/token', basic('bob', 'g'))).status, 503);
    const lines = broker.logged('token unavailable').map(({ reason, username }) => [reason, username]);
    assert.deepEqual(lines, [['failed-password-budget', undefined]]);
  });

  void test('leaves neither password nor token in log, metrics or files', async (t) => {
    const broker = await start(t);
    const sinks = createSinks();
    const token = await broker.signIn();
    await broker.post('/token', basic('alice', `${PASSWORD}x`));
    await broker.post('/token', basic(PASSWORD, PASSWORD));
    await broker.post('/token', { 'Content-Type': 'application/json' }, `{"username":"${PASSWORD}`);
    await broker.review(token);
    await broker.post('/revoke', bearerHeader(token));
    sinks.add('log', broker.process.log().join(''));
    sinks.add('metrics', (await broker.get('/metrics')).text);
    for (const part of [PASSWORD, ...token.split('.').slice(1)]) assert.deepEqual(sinks.leaksOf(part), []);
    const lines = broker.logged('token issued').concat(broker.logged('token refused'));
    assert.deepEqual(
      lines.map(({ method, provider, reason, username }) => ({ method, provider, reason, username })),
      [
        { method: 'password', provider: 'staff', reason: 'ok', username: 'staff:alice' },
        { method: 'password', provider: 'staff', reason: 'wrong-password', username: undefined },
        { method: 'password', provider: 'staff', reason: 'unknown-user', username: undefined },
      ],
    );
  });

  void test('is over when the broker drains', async (t) => {
    const broker = await start(t);
    assert.equal(await broker.stop(), 0);
    await assert.rejects(broker.signIn());
  });
});

const proxied = (clientNames: readonly string[]): BrokerConfig =>
  config([OLD], {
    portal: {
      address: '127.0.0.1:0',
      tls: { certFile: 'tls/tls.crt', keyFile: 'tls/tls.key', clientCAFile: 'tls/client-ca.crt' },
      publicURL: 'https://broker.corp.example',
      signIn: { header: { trustedClientNames: clientNames } },
    },
  });

void describe('a portal with a proxy of mutual TLS', () => {
  void test('believes the proxy’s certificate, and no other of the same authority', async (t) => {
    const files = { 'users.yaml': PEOPLE, 'old.pem': newKey('EdDSA', randomBytes).secret };
    const broker = await startBroker(t, { files, config: proxied(['oauth2-proxy']) });
    const ask = async (commonName: string): Promise<number> => {
      const caller = apiServer(`https://${broker.portal}`, { ca: authority.cert, ...authority.issue({ commonName }) });
      const headers = { 'X-Forwarded-User': 'cooluser', 'Content-Length': 17 };
      const answer = await caller.send('/generate', { headers, body: '{"lifetime":"1h"}' });
      caller.close();
      return answer.status;
    };
    assert.deepEqual([await ask('oauth2-proxy'), await ask('mallory')], [200, 403]);
    const nobody = apiServer(`https://${broker.portal}`, { ca: authority.cert });
    await assert.rejects(
      nobody.send('/', { method: 'GET', headers: {} }),
      'without a certificate there is no connection',
    );
    nobody.close();
  });
});
