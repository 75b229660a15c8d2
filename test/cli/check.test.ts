// `check`: every error, every warning, one line when all is good; with --connect every upstream.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { CLIENT_ID, CLIENT_SECRET, startAuthorizationServer } from '../support/fake-authorization-server.ts';
import { startFakeHttp } from '../support/fake-http.ts';
import { brokerYaml, folderWith, run } from './setup.ts';

const USERS = { name: 'demo', type: 'users', options: { file: 'users.yaml' } };
const HASH = '$2b$10$abcdefghijklmnopqrstuuBzBcC1P7yVbGvSKiVN4g3aQpKzYpB2G';
const USERS_FILE = [{ username: 'alice', passwordHash: HASH }];
const INLINE_SECRET = 'Canary-client-secret';

function webAt(url: string, more: object = {}): object {
  return { name: 'web', type: 'http-basic', options: { url, ...more } };
}

const GOOD =
  ' is valid: /authenticate asks demo (users); a user removed upstream may still get in for 3m10s (1m here + 2m at kube-apiserver by default + 10s)\n';

void test('a good configuration is one line with its endpoints and the worst case of a removed user', async (t) => {
  const folder = folderWith(t, { 'broker.yaml': brokerYaml({ providers: [USERS] }), 'users.yaml': USERS_FILE });
  const file = `${folder}/broker.yaml`;
  const { code, stdout, stderr } = await run(['check', '--config', file]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `√ ${file}${GOOD}`, stderr: '' });
});

void test('the TTL of the configuration goes into the sum', async (t) => {
  const broker = brokerYaml({ cache: { authenticatedTTL: '5m' }, providers: [USERS] });
  const folder = folderWith(t, { 'broker.yaml': broker, 'users.yaml': USERS_FILE });
  const { stdout } = await run(['check', '--config', `${folder}/broker.yaml`]);
  assert.match(stdout, /may still get in for 7m10s \(5m here/);
});

void test('what a directory must allow is said where somebody else keeps the passwords', async (t) => {
  const [one, other] = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/'];
  const providers = [USERS, webAt(one), { ...webAt(other), name: 'shop' }];
  const limits = { failedPasswords: { max: 3, window: '10m' } };
  const checked = async (given: { readonly providers: readonly object[] }) => {
    const folder = folderWith(t, { 'broker.yaml': brokerYaml({ limits, ...given }), 'users.yaml': USERS_FILE });
    const { stdout } = await run(['check', '--config', `${folder}/broker.yaml`]);
    return stdout.split('\n').slice(1, -1);
  };
  assert.deepEqual(await checked({ providers: [USERS] }), []);
  assert.deepEqual(await checked({ providers: providers.slice(0, 2) }), [
    '  failed passwords: up to 4 in 10m reach an account (web); its lockout threshold must be above that, times the brokers',
  ]);
  assert.match(
    (await checked({ providers }))[0] ?? '',
    /\(web, shop\).* times the upstreams in front of the same accounts$/,
  );
});

void test('warnings go to stderr and change no exit code', async (t) => {
  const endpoints = [{ path: '/a', providers: ['demo'] }];
  const broker = brokerYaml({ webhook: { endpoints }, providers: [USERS, webAt('http://127.0.0.1:1/')] });
  const folder = folderWith(t, { 'broker.yaml': broker, 'users.yaml': USERS_FILE });
  const { code, stdout, stderr } = await run(['check', '--config', `${folder}/broker.yaml`]);
  assert.equal(code, 0);
  assert.equal(stderr, 'warning: provider web is used by no endpoint\n');
  assert.match(stdout, /^√ .*: \/a asks demo \(users\);/);
});

void test('every error has its place, and none quotes a secret', async (t) => {
  const idp = { issuer: 'https://idp.example', clientID: 'broker', clientSecret: INLINE_SECRET };
  const text = [
    'apiVersion: kube-auth-broker/v1',
    'kind: BrokerConfiguration',
    'cahce: {}',
    'providers:',
    '  - name: idp',
    '    type: oidc-introspection',
    `    options: ${JSON.stringify(idp)}`,
  ].join('\n');
  const file = `${folderWith(t, { 'broker.yaml': text })}/broker.yaml`;
  const asText = await run(['check', '--config', file]);
  assert.deepEqual({ code: asText.code, stdout: asText.stdout }, { code: 2, stdout: '' });
  assert.match(asText.stderr, /broker\.yaml:3:1: cahce: unknown key \(did you mean "cache"\?\)\n/);
  assert.match(asText.stderr, /broker\.yaml:7:\d+: providers\[0\]\.options\.clientSecret: /);
  assert.match(asText.stderr, /\n2 errors in .*broker\.yaml\n$/);
  const asJson = await run(['check', '--config', file, '-o', 'json']);
  assert.equal(asJson.code, 2);
  const result = JSON.parse(asJson.stdout);
  assert.deepEqual([result.valid, result.errors.length, result.errors[0].line], [false, 2, 3]);
  assert.deepEqual([...asText.sinks.leaksOf(INLINE_SECRET), ...asJson.sinks.leaksOf(INLINE_SECRET)], []);
});

void test('a file that is not there is an error like any other', async () => {
  const { code, stderr } = await run(['check', '--config', '/nowhere/broker.yaml']);
  assert.equal(code, 2);
  assert.match(stderr, /^\/nowhere\/broker\.yaml:1:1: cannot read the configuration: no such file\n/);
});

const piped = [
  { name: '-', args: ['check', '-'] },
  { name: '--config -', args: ['check', '--config', '-'] },
];
for (const { name, args } of piped) {
  void test(`${name} reads standard input`, async () => {
    const text = stringify(
      brokerYaml({ providers: [{ name: 'web', type: 'http-basic', options: { url: 'https://127.0.0.1' } }] }),
    );
    const good = await run(args, { stdin: text });
    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stdout, /^√ <stdin> is valid: /);
    const bad = await run(args, { stdin: `${text}\nlogg: {}\n` });
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /^<stdin>:\d+:1: logg: unknown key \(did you mean "log"\?\)\n1 error in <stdin>\n$/);
  });
}

void test('--connect prints the steps of every provider in the order written', async (t) => {
  const upstream = await startFakeHttp({ handler: () => ({ status: 401 }) });
  t.after(() => upstream.close());
  const broker = brokerYaml({ providers: [webAt(`${upstream.origin}/login`), USERS] });
  const folder = folderWith(t, { 'broker.yaml': broker, 'users.yaml': USERS_FILE });
  const { code, stdout } = await run(['check', '--config', `${folder}/broker.yaml`, '--connect']);
  const lines = stdout.split('\n').filter((line) => /^\S|^ {2}[√‼×] (?:a random|users)/.test(line));
  assert.deepEqual(lines.slice(1), [
    'web (http-basic)',
    `  √ a random credential is refused at GET ${upstream.origin}/login`,
    'demo (users)',
    `  √ users in ${folder}/users.yaml: 1`,
    '√ every upstream is as configured',
  ]);
  assert.equal(code, 0);
});

void test('--connect -o json has the same steps', async (t) => {
  const broker = brokerYaml({ providers: [USERS] });
  const folder = folderWith(t, { 'broker.yaml': broker, 'users.yaml': USERS_FILE });
  const { code, stdout } = await run(['check', '--config', `${folder}/broker.yaml`, '--connect', '-o', 'json']);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    valid: true,
    errors: [],
    warnings: [],
    endpoints: [{ path: '/authenticate', providers: [{ name: 'demo', type: 'users' }] }],
    staleness: { hereMs: 60_000, kubeAPIServerMs: 130_000, atMostMs: 190_000 },
    providers: [
      { name: 'demo', type: 'users', steps: [{ step: `users in ${folder}/users.yaml`, result: 'ok', detail: '1' }] },
    ],
  });
});

void test('--connect tells an upstream that is down from one that is not as configured', async (t) => {
  const upstream = await startFakeHttp({ handler: () => ({ status: 200 }) });
  t.after(() => upstream.close());
  const gone = await startFakeHttp({ handler: () => ({ status: 401 }) });
  await gone.close();
  const config = (url: string): string =>
    `${folderWith(t, { 'broker.yaml': brokerYaml({ providers: [webAt(url)] }) })}/broker.yaml`;
  const down = await run(['check', '--config', config(gone.origin), '--connect']);
  assert.deepEqual([down.code, down.stdout.split('\n').at(-2)], [3, '× unavailable: web']);
  const open = await run(['check', '--config', config(upstream.origin), '--connect']);
  assert.deepEqual([open.code, open.stdout.split('\n').at(-2)], [1, '× not as configured: web']);
});

const clients = [
  { name: 'a client that the server knows', clientSecret: CLIENT_SECRET, code: 0, want: /√ client authentication as / },
  { name: 'a wrong client secret', clientSecret: 'Canary-wrong-secret', code: 1, want: /× client authentication as / },
];

for (const { name, clientSecret, code, want } of clients) {
  void test(`--connect: ${name}: exit ${code}, and the secret is nowhere`, async (t) => {
    const server = await startAuthorizationServer({ introspect: (token) => ({ active: false, echo: token }) });
    t.after(() => server.close());
    const options = { issuer: server.issuer, clientID: CLIENT_ID, clientSecret: { file: 'secret' } };
    const broker = brokerYaml({ providers: [{ name: 'idp', type: 'oidc-introspection', options }] });
    const file = `${folderWith(t, { 'broker.yaml': broker, secret: clientSecret })}/broker.yaml`;
    for (const format of ['text', 'json']) {
      // oxlint-disable-next-line no-await-in-loop -- one format after the other
      const ran = await run(['check', '--config', file, '--connect', '-o', format]);
      assert.equal(ran.code, code, ran.stdout);
      if (format === 'text') assert.match(ran.stdout, want);
      assert.deepEqual(ran.sinks.leaksOf(clientSecret), []);
    }
  });
}
