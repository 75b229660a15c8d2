// `verify` against the real broker: every step, and what it says when one of them is wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority, type BrokerOptions, KUBE_APISERVER } from '../support/broker.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { folderWith, type Ran, run } from './setup.ts';
import { base64, broker, type Edit, fake, verified } from './verify/setup.ts';

const PASSWORD = 'wonderland';
const TOKEN = `alice:${PASSWORD}`;

/** `√ certificate name`, without the details. */
function stepsOf({ stdout }: Ran): readonly string[] {
  return stdout
    .split('\n')
    .filter((line) => /^[√‼×] (?!certificate end|kube-apiserver)/.test(line))
    .map((line) => line.replaceAll(/\d{4,5}/g, 'PORT').split(': ')[0] ?? '');
}

const notAfter = new Date(Date.now() + 90 * 24 * 3_600_000);
const lasting = authority.issue({ commonName: 'kube-apiserver', notAfter });

void test('a broker with mutual TLS and the right file: every step is good', async (t) => {
  const server = await broker(t, 'mutual');
  const ran = await verified(t, server, { client: lasting }, { stdin: `${TOKEN}\n` }, ['--token-stdin']);
  assert.equal(ran.code, 0, ran.stdout);
  assert.match(ran.stdout, new RegExp(`^kube-apiserver calls POST ${server} \\(context w\\)\n`));
  assert.deepEqual(stepsOf(ran), [
    '√ kubeconfig',
    '√ address 127.0.0.1',
    '√ connect to 127.0.0.1:PORT',
    '√ TLS handshake',
    '√ certificate chain',
    '√ certificate name',
    '√ TokenReview v1',
    '√ TokenReview v1beta1',
    '√ response time',
    '√ client certificate',
    '√ your token',
  ]);
  assert.match(ran.stdout, /√ your token: is demo:alice, in demo:developers\n/);
  assert.deepEqual([...ran.sinks.leaksOf(PASSWORD), ...ran.sinks.leaksOf(lasting.key)], []);
});

void test('certificates that last are good without a warning; -o json has the same steps', async (t) => {
  const tls = issueLoopback(authority, { notAfter });
  const body = JSON.stringify({ status: { authenticated: false } });
  const server = await fake(
    t,
    { status: 200, body },
    { ...tls, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
  );
  const ran = await verified(t, server, { client: lasting });
  assert.equal(ran.stdout.split('\n').at(-2), '√ kube-apiserver can use this file');
  assert.match(ran.stdout, /√ client certificate: CN=kube-apiserver is accepted, a caller without one is refused\n/);
  const json = await verified(t, server, { client: lasting }, {}, ['-o', 'json']);
  assert.equal(json.code, 0);
  const { server: shown, steps } = JSON.parse(json.stdout);
  assert.equal(shown, server);
  assert.deepEqual(new Set(steps.map(({ result }: { result: string }) => result)), new Set(['ok']));
});

interface Row {
  readonly name: string;
  readonly tls?: BrokerOptions['tls'];
  readonly edit?: Edit;
  readonly path?: string;
  readonly code: number;
  readonly want: RegExp;
}

const strangers = makeAuthority('strangers');

const brokerRows: readonly Row[] = [
  {
    name: 'a file without client certificate, which the broker demands',
    tls: 'mutual',
    code: 1,
    want: /× (?:TokenReview v1|TLS handshake): .*client-certificate and client-key/,
  },
  {
    name: 'a client certificate of another authority',
    tls: 'mutual',
    edit: { client: strangers.issue({ commonName: 'kube-apiserver' }) },
    code: 1,
    want: /× (?:TokenReview v1|TLS handshake): .*webhook\.tls\.clientCAFile/,
  },
  {
    name: 'a broker that asks for no client certificate',
    tls: 'server',
    code: 0,
    want: /‼ client certificate: the webhook answers callers without one: .*webhook\.tls\.clientCAFile/,
  },
  {
    name: 'an authority that did not sign',
    tls: 'server',
    edit: { cluster: { 'certificate-authority-data': base64(strangers.cert) } },
    code: 1,
    want: /× certificate chain: .*write the authority that signed it into certificate-authority-data/,
  },
  {
    name: 'no authority at all',
    tls: 'server',
    edit: { cluster: { 'certificate-authority-data': null } },
    code: 1,
    want: /× certificate chain: .*the system's authorities/,
  },
  {
    name: 'a name that is not in the certificate',
    tls: 'server',
    edit: { cluster: { 'tls-server-name': 'broker.example' } },
    code: 1,
    want: /× certificate name: the certificate is for DNS:localhost.*, not for broker\.example; .*tls-server-name/,
  },
  {
    name: 'a name that is in the certificate',
    tls: 'server',
    edit: { cluster: { 'tls-server-name': 'localhost' } },
    code: 0,
    want: /√ certificate name: good for localhost/,
  },
  {
    name: 'no verification',
    tls: 'server',
    edit: { cluster: { 'certificate-authority-data': null, 'insecure-skip-tls-verify': true } },
    code: 0,
    want: /‼ certificate: insecure-skip-tls-verify is set/,
  },
  {
    name: 'a path that is no endpoint',
    tls: 'server',
    path: '/wrong',
    code: 1,
    want: /× TokenReview v1: HTTP 404\. Compare the path/,
  },
  { name: 'plain http on loopback', tls: 'none', code: 0, want: /‼ kubeconfig: plain http/ },
  {
    name: 'https to a plain listener',
    tls: 'none',
    path: 'https',
    code: 1,
    want: /× TLS handshake: .*does not speak TLS here/,
  },
];

for (const { name, tls, edit, path, code, want } of brokerRows) {
  void test(`${name}: exit ${code}`, async (t) => {
    const server = await broker(t, tls);
    const url =
      path === 'https' ? server.replace('http:', 'https:') : server.replace('/authenticate', path ?? '/authenticate');
    const ran = await verified(t, url, edit);
    assert.match(ran.stdout, want);
    assert.equal(ran.code, code, ran.stdout);
  });
}

void test('clientNames that do not match are told from an authority that does not', async (t) => {
  const webhook = {
    tls: { certFile: 'tls/tls.crt', keyFile: 'tls/tls.key', clientCAFile: 'tls/client-ca.crt', clientNames: ['other'] },
  };
  const ran = await verified(t, await broker(t, 'mutual', { webhook }), { client: KUBE_APISERVER });
  assert.equal(ran.code, 1);
  assert.match(
    ran.stdout,
    /× TokenReview v1: HTTP 401\. Compare the client certificate's CN and SANs with webhook\.tls\.clientNames/,
  );
});

void test('a kubeconfig that cannot be used is exit 2, every fault on stderr', async (t) => {
  const file = `${folderWith(t, { 'k.yaml': { 'current-context': 'x', contexts: [] } })}/k.yaml`;
  const { code, stdout, stderr } = await run(['verify', '--kubeconfig', file]);
  assert.deepEqual([code, stdout], [2, '']);
  assert.equal(stderr, `× ${file}: current-context names a context that is not in contexts\n`);
});
