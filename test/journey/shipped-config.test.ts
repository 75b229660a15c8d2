// Each configuration that ships does what its first lines say, the quickstart first of all.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authority, KUBE_APISERVER } from '../support/broker.ts';
import { basicAuth, startFakeHttp } from '../support/fake-http.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startExample, startQuickstart } from './shipped-config.ts';

void describe('config/examples/basic-upstream.yaml', () => {
  void test('user1:pass1 at POST / is user1, and an administrator because that name is listed', async (t) => {
    const { broker, upstream } = await startUpstream(t);
    const { user, ...status } = await broker.review('user1:pass1', { path: '/', version: 'v1beta1' });
    const { username, uid, groups } = { uid: undefined, username: undefined, groups: [], ...user };
    assert.deepEqual(status, { authenticated: true });
    assert.deepEqual({ username, uid, groups }, { username: 'user1', uid: 'user1', groups: ['system:masters'] });
    const paths = new Set(upstream.seen.map(({ path }) => path));
    assert.deepEqual([...paths], ['/basic-auth/user1/pass1']);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { '/ authenticated ok': 1 },
        cache: { miss: 1 },
        providers: { 'upstream authenticated ok': 1 },
        up: { upstream: 1 },
        entries: 1,
      }),
    );
  });

  void test('user1:pass2 is refused', async (t) => {
    const { broker } = await startUpstream(t);
    const status = await broker.review('user1:pass2', { path: '/', version: 'v1beta1' });
    assert.deepEqual(status, { authenticated: false });
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { '/ rejected not-authenticated': 1 },
        cache: { miss: 1 },
        providers: { 'upstream abstained not-authenticated': 1 },
        up: { upstream: 1 },
        entries: 1,
      }),
    );
  });
});

void test('config/examples/demo-user.yaml: the base64 token at POST /authenticate, v1beta1, over HTTPS', async (t) => {
  const broker = await startExample(t, 'demo-user.yaml', { tls: 'server' });
  assert.deepEqual(broker.logged('configuration warning'), [], 'the certificate has a subject alternative name');
  const { authenticated, user } = await broker.review('ZGVtby11c2VyOmRlbW8tcGFzc3dvcmQ=', { version: 'v1beta1' });
  assert.deepEqual(
    [authenticated, user?.username, user?.uid, user?.groups],
    [true, 'demo-user', 'demo-user', ['demo-group']],
  );
  assert.deepEqual(
    await broker.moved(),
    movesOf({
      reviews: { 'authenticated ok': 1 },
      cache: { miss: 1 },
      providers: { 'demo authenticated ok': 1 },
      up: { demo: 1 },
      entries: 1,
    }),
  );
});

void test('config/examples/mutual-tls-audiences.yaml: v1 with audiences over mutual TLS is answered with the intersection', async (t) => {
  const broker = await startExample(t, 'mutual-tls-audiences.yaml', { tls: 'mutual' });
  const audiences = ['https://elsewhere.example', 'vault', 'https://kubernetes.default.svc'];
  const status = await broker.review('demo-user:demo-password', { version: 'v1', audiences });
  assert.deepEqual([status.authenticated, status.audiences], [true, ['vault', 'https://kubernetes.default.svc']]);
  assert.deepEqual(await broker.review('demo-user:demo-password', { audiences: ['https://elsewhere.example'] }), {
    authenticated: false,
  });
  assert.equal(broker.logged('review')[0]?.['client'], 'kube-apiserver');
  const nameless = broker.client({ cert: '', key: '' });
  await assert.rejects(nameless.review('demo-user:demo-password'));
  const other = broker.client(authority.issue({ commonName: 'somebody-else' }));
  assert.equal((await other.post('demo-user:demo-password')).status, 401);
  assert.equal((await broker.client(KUBE_APISERVER).post('demo-user:demo-password')).status, 200);
  assert.deepEqual(
    await broker.moved(),
    movesOf({
      reviews: { 'authenticated ok': 2, 'rejected wrong-audience': 1, 'malformed untrusted-client': 1 },
      cache: { miss: 3 },
      providers: { 'demo authenticated ok': 2, 'demo rejected wrong-audience': 1 },
      up: { demo: 1 },
      entries: 3,
    }),
  );
});

function pointedAt(entry: object, origin: string): object {
  const { options }: { readonly options?: { readonly url?: string } } = entry;
  return { ...entry, options: { ...options, url: `${origin}${new URL(options?.url ?? '').pathname}` } };
}

/** As httpbin's `/basic-auth/<user>/<password>`: that one pair is right. */
async function startUpstream(t: Parameters<typeof startExample>[0]) {
  const upstream = await startFakeHttp({
    handler: (request, response) => {
      const [, place, user = '', password = ''] = request.path.split('/');
      if (place !== 'basic-auth') return { status: 404 };
      const body = JSON.stringify({ authenticated: true, user });
      const welcome = () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
      return basicAuth(new Map([[user, password]]), welcome)(request, response);
    },
  });
  t.after(() => upstream.close());
  const broker = await startExample(t, 'basic-upstream.yaml', {
    tls: 'none',
    edit: (config) => ({ ...config, providers: config.providers.map((entry) => pointedAt(entry, upstream.origin)) }),
  });
  return { broker, upstream };
}

const rows = [
  { token: 'alice:wonderland', want: { username: 'demo:alice', groups: ['demo:developers'] } },
  { token: 'bob:builder', want: { username: 'demo:bob', groups: ['demo:operators'] } },
  { token: 'alice:builder', want: undefined },
  { token: 'eve:wonderland', want: undefined },
];

void test('the people of the quickstart log in, and nobody else', async (t) => {
  const broker = await startQuickstart(t);
  await inOrder(rows, async ({ token, want }) => {
    const { authenticated, user } = await broker.review(token);
    assert.equal(authenticated, want !== undefined, token);
    assert.deepEqual(user && { username: user.username, groups: user.groups }, want);
  });
  assert.deepEqual(
    await broker.moved(),
    movesOf({
      reviews: { 'authenticated ok': 2, 'rejected wrong-password': 1, 'rejected unknown-user': 1 },
      cache: { miss: 4 },
      providers: { 'demo authenticated ok': 2, 'demo rejected wrong-password': 1, 'demo abstained unknown-user': 1 },
      up: { demo: 1 },
      entries: 4,
    }),
  );
});

void test('the command that is printed works as it stands', async (t) => {
  const broker = await startQuickstart(t);
  const printed = broker.process.stderr();
  const [, type = '', body = '', url = ''] = /curl -s -H '(.*?)' -d '(.*?)' (\S+)/.exec(printed) ?? [];
  const [name = '', value = ''] = type.split(': ');
  const answer = await fetch(url, { method: 'POST', headers: { [name]: value }, body });
  assert.match(await answer.text(), /"authenticated":true,"user":\{"username":"demo:alice"/);
  const [, metrics = '', readiness = ''] = /Metrics and health: (\S+) and (\S+)/.exec(printed) ?? [];
  assert.match(await (await fetch(metrics)).text(), /^authbroker_token_reviews_total\{.*\} 1$/m);
  assert.match(await (await fetch(readiness)).text(), /readyz check passed/);
});

void test('nothing about it is doubtful: no warning', async (t) => {
  const broker = await startQuickstart(t);
  assert.deepEqual(broker.logged('configuration warning'), []);
});
