// `explain`: the same chain as the webhook's, told step by step, asking each upstream once and showing no secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIENT_SECRET, startAuthorizationServer } from '../support/fake-authorization-server.ts';
import type { FakeHandler } from '../support/fake-http.ts';
import { configFor, MAPPED, PASSWORD, TOKEN, upstream, WELCOME, web } from './explain/setup.ts';
import { run } from './setup.ts';

const ENV = { CLIENT_SECRET };

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

void test('a login: match, login, claims, mappings, rules, what was dropped, the answer, and how long it lasts', async (t) => {
  const http = await upstream(t, WELCOME);
  const scope = { match: "credential.username.endsWith('@corp')", login: "credential.username.split('@')[0]" };
  const config = configFor(t, [web(http, { ...scope, ...MAPPED })]);
  const { code, stdout, stderr, sinks } = await run(['explain', '--config', config], {
    stdin: `alice@corp:${PASSWORD}\n`,
  });
  assert.equal(code, 0);
  assert.equal(http.exchanges(), 1, 'the upstream is asked exactly once');
  const [told = '', answer = ''] = stdout.split('The TokenReview that kube-apiserver would get:\n');
  assert.equal(
    told.replace(/, [\d.]+ ms$/m, ', 1 ms'),
    `endpoint    /authenticate
audiences   none asked for
credential  password of alice@corp

web (http-basic)
  match       credential.username.endsWith('@corp'): holds
  login       credential.username.split('@')[0]: alice
  subject     "u-1"
  claims
    username: "alice"
    id: "u-1"
    roles: ["dev","system:masters","dev"]
    active: true
    subject: "u-1"
  username    "web:alice"   (claim username, prefix "web:")
  groups      ["dev","system:masters","dev"]   (claim roles)
  uid         "u-1"   (claim id)
  rule        √ claims.active == true
  dropped     group "system:masters": reserved
  dropped     group "dev": duplicate
  √ authenticated, 1 ms

√ authenticated, by web

`,
  );
  assert.match(answer, /"username": "web:alice"/);
  assert.match(answer, /^remembered {2}for at most 3m10s \(1m here \+ 2m at kube-apiserver by default \+ 10s\);/m);
  assert.match(stderr, /canary is off/);
  assert.deepEqual(sinks.leaksOf(PASSWORD), []);
});

void test('-o tokenreview prints the answer alone, as the webhook gives it', async (t) => {
  const config = configFor(t, [web(await upstream(t, WELCOME), MAPPED)]);
  const { code, stdout } = await run(['explain', '--config', config, '-o', 'tokenreview'], { stdin: TOKEN });
  assert.equal(code, 0);
  assert.equal(stdout.split('\n').length, 2);
  const review = JSON.parse(stdout);
  assert.deepEqual(review.status.user.extra['kube-auth-broker/provider'], ['web']);
  delete review.status.user.extra;
  assert.deepEqual(review, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    status: { authenticated: true, user: { username: 'web:alice', uid: 'u-1', groups: ['dev'] } },
  });
});

const echo: FakeHandler = ({ headers }) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ...WELCOME, note: `you sent ${headers.authorization}`, [PASSWORD]: PASSWORD }),
});

void test('-o json tells the same; an upstream that sends the credential back shows nothing', async (t) => {
  const config = configFor(t, [web(await upstream(t, {}, echo), MAPPED)]);
  for (const format of ['json', 'text', 'tokenreview']) {
    // oxlint-disable-next-line no-await-in-loop -- one format after the other
    const { code, sinks, stdout } = await run(['explain', '--config', config, '-o', format], { stdin: TOKEN });
    assert.equal(code, 0);
    assert.deepEqual([...sinks.leaksOf(PASSWORD), ...sinks.leaksOf(TOKEN)], []);
    if (format !== 'json') continue;
    const told = JSON.parse(stdout);
    assert.deepEqual(Object.keys(told), [
      'endpoint',
      'audiences',
      'credential',
      'providers',
      'verdict',
      'tokenReview',
      'remembered',
    ]);
    assert.equal(told.providers[0].claims.attributes.note, 'you sent Basic [redacted]');
    assert.deepEqual(told.credential, { kind: 'password', username: 'alice' });
    assert.deepEqual(told.remembered, { hereMs: 60_000, kubeAPIServerMs: 130_000, atMostMs: 190_000 });
  }
});

void test('a refusal: reason, meaning and next step; exit 1', async (t) => {
  const http = await upstream(t, WELCOME);
  const config = configFor(t, [web(http, { match: 'true' })]);
  const { code, stdout, sinks } = await run(['explain', '--config', config], { stdin: 'alice:Canary-wrong-one' });
  assert.equal(code, 1);
  assert.equal(http.exchanges(), 1);
  assert.match(
    stdout,
    /× rejected: wrong-password, [\d.]+ ms\n {4}meaning {5}The password is wrong\.\n {4}detail {6}HTTP 401\n {4}next {8}Retype it\.\n/,
  );
  assert.match(stdout, /"status": \{\n {4}"authenticated": false\n {2}\}/);
  assert.match(stdout, /for at most 2m10s \(10s here \+ 2m at kube-apiserver by default\)/);
  assert.deepEqual(sinks.leaksOf('Canary-wrong-one'), []);
});

void test('a broken rule is named with its message', async (t) => {
  const config = configFor(t, [web(await upstream(t, { ...WELCOME, active: false }), MAPPED)]);
  const { code, stdout } = await run(['explain', '--config', config], { stdin: TOKEN });
  assert.equal(code, 1);
  assert.match(stdout, /rule {8}× claims\.active == true: account is not active\n/);
  assert.match(stdout, /× rejected: claim-validation/);
});

void test('an outage: every provider that could not tell, never remembered; exit 3', async (t) => {
  const gone = await upstream(t, WELCOME);
  await gone.close();
  const config = configFor(t, [web(gone), web(gone, { name: 'other' })]);
  const { code, stdout } = await run(['explain', '--config', config], { stdin: TOKEN });
  assert.equal(code, 3);
  assert.match(stdout, /‼ unavailable: connection-refused, could not tell: web, other\n/);
  assert.match(stdout, /"error": "authentication is unavailable, review explain"/);
  assert.match(stdout, /remembered {2}never:/);
});

void test('a provider behind the one that decided is not asked', async (t) => {
  const [first, second] = [await upstream(t, WELCOME), await upstream(t, WELCOME)];
  const config = configFor(t, [web(first, MAPPED), web(second, { name: 'second' })]);
  const { stdout } = await run(['explain', '--config', config], { stdin: TOKEN });
  assert.match(stdout, /second \(http-basic\)\n {2}- not asked\n/);
  assert.deepEqual([first.exchanges(), second.exchanges()], [1, 0]);
});

void test('--endpoint asks only the providers of that endpoint, and a canary is sent to no other', async (t) => {
  const [one, two] = [await upstream(t, WELCOME), await upstream(t, WELCOME)];
  const endpoints = [
    { path: '/one', providers: ['web'] },
    { path: '/two', providers: ['two'] },
  ];
  const withCanary = { name: 'two', options: { url: two.origin } };
  const config = configFor(t, [web(one, { options: { url: one.origin } }), web(two, withCanary)], {
    webhook: { endpoints },
  });
  const argv = ['explain', '--config', config, '--endpoint', '/two', '-o', 'json'];
  const { code, stdout } = await run(argv, { stdin: TOKEN });
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).endpoint, '/two');
  const own = two.seen.filter(({ headers }) => headers.authorization?.endsWith(Buffer.from(TOKEN).toString('base64')));
  assert.deepEqual([one.exchanges(), own.length], [0, 1]);
  const missing = await run(['explain', '--config', config, '--endpoint', '/tow'], { stdin: TOKEN });
  assert.deepEqual(
    [missing.code, missing.stderr.split('\n').at(-2)],
    [2, 'kube-auth-broker explain: there is no endpoint /tow (did you mean "/two"?): there is /one, /two'],
  );
});

void test('a JWT shows header and claims that name it, never itself; audiences reach the answer', async (t) => {
  const server = await startAuthorizationServer({
    introspect: (token) => ({ active: true, sub: 's-1', username: 'alice', aud: ['kubernetes', 'other'], echo: token }),
  });
  t.after(() => server.close());
  const endpoint = { introspectionEndpoint: server.introspectionEndpoint, clientID: 'kube-auth-broker' };
  const idp = {
    name: 'idp',
    type: 'oidc-introspection',
    options: { ...endpoint, clientSecret: { env: 'CLIENT_SECRET' } },
  };
  const claims = { iss: server.issuer, aud: 'kubernetes', exp: 4_000_000_000, email: 'Canary-claim' };
  const token = `${encoded({ alg: 'RS256', kid: 'key-1' })}.${encoded(claims)}.Canary-signature-of-jwt`;
  const argv = ['explain', '--config', configFor(t, [idp]), '--audience', 'kubernetes', '--audience', 'third'];
  const { code, stdout, sinks } = await run(argv, { stdin: token, seams: { env: ENV } });
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /credential {2}bearer token, JWT \(nothing verified\): alg "RS256", kid "key-1", iss "http:[^"]+", aud "kubernetes", exp 4000000000 \(2096-10-02T07:06:40.000Z\)\n/,
  );
  assert.match(stdout, /audiences {3}kubernetes, third\n/);
  assert.match(stdout, /good for {4}kubernetes, other\n/);
  assert.match(stdout, /"audiences": \[\n {6}"kubernetes"\n {4}\]/);
  assert.match(stdout, /echo: "\[redacted\]"/);
  for (const secret of [token, 'Canary-signature-of-jwt', 'Canary-claim', CLIENT_SECRET]) {
    assert.deepEqual(sinks.leaksOf(secret), [], secret);
  }
});
