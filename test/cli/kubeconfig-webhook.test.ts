// The kubeconfig for kube-apiserver: what is in it, what is refused, and what is worth a warning.

import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { readKubeconfig } from '../../src/upstream/kubernetes/kubeconfig.ts';
import { makeAuthority } from '../support/certificates.ts';
import { testProcess } from '../support/test-process.ts';
import { folderWith, run } from './setup.ts';

const authority = makeAuthority('test authority');
const client = authority.issue({ commonName: 'kube-apiserver' });
const other = authority.issue({ commonName: 'other' });
const SERVER = 'https://127.0.0.1:8443/authenticate';

function pemFolder(t: TestContext): string {
  return folderWith(t, {
    'ca.crt': authority.cert,
    'client.crt': client.cert,
    'client.key': client.key,
    'other.key': other.key,
    'text.txt': 'no PEM',
  });
}

function argvFor(folder: string, more: readonly string[], server = SERVER): readonly string[] {
  const files = more.map((word) => (/\.(?:crt|key|txt)$/.test(word) ? `${folder}/${word}` : word));
  return ['kubeconfig', 'webhook', '--server', server, ...files];
}

void test('names the server, embeds the authority and points at the client certificate', async (t) => {
  const folder = pemFolder(t);
  const argv = argvFor(folder, ['--ca', 'ca.crt', '--client-cert', 'client.crt', '--client-key', 'client.key']);
  const { code, stdout, stderr, sinks } = await run([...argv, '--tls-server-name', 'broker.example']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(parse(stdout), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'kube-auth-broker',
        cluster: {
          server: SERVER,
          'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
          'tls-server-name': 'broker.example',
        },
      },
    ],
    users: [
      {
        name: 'kube-apiserver',
        user: { 'client-certificate': `${folder}/client.crt`, 'client-key': `${folder}/client.key` },
      },
    ],
    contexts: [{ name: 'webhook', context: { cluster: 'kube-auth-broker', user: 'kube-apiserver' } }],
    'current-context': 'webhook',
  });
  assert.deepEqual(sinks.leaksOf(keyBody(client.key)), []);
});

void test('--embed takes certificate and key in, and says that the output is a secret now', async (t) => {
  const argv = argvFor(pemFolder(t), ['--ca', 'ca.crt', '--client-cert', 'client.crt', '--client-key', 'client.key']);
  const { code, stdout, stderr } = await run([...argv, '--embed']);
  assert.equal(code, 0);
  assert.equal(
    stderr,
    'warning: the output holds a private key: keep it readable for kube-apiserver alone (chmod 600)\n',
  );
  assert.deepEqual(parse(stdout).users[0].user, {
    'client-certificate-data': Buffer.from(client.cert).toString('base64'),
    'client-key-data': Buffer.from(client.key).toString('base64'),
  });
});

void test('what it prints is what verify reads', async (t) => {
  const folder = pemFolder(t);
  const argv = argvFor(folder, ['--ca', 'ca.crt', '--client-cert', 'client.crt', '--client-key', 'client.key']);
  const { stdout } = await run(argv);
  const { readFile } = testProcess().seams;
  const read = readKubeconfig('/etc/webhook.kubeconfig', (path) =>
    path === '/etc/webhook.kubeconfig' ? stdout : readFile(path),
  );
  assert.ok(read.ok);
  assert.deepEqual(
    [read.kubeconfig.url.href, read.kubeconfig.ca, read.kubeconfig.client?.cert],
    [SERVER, authority.cert, client.cert],
  );
});

void test('a relative client certificate becomes absolute: the output may be put anywhere', async (t) => {
  const folder = pemFolder(t);
  const cert = relative(process.cwd(), `${folder}/client.crt`);
  const argv = argvFor(folder, ['--ca', 'ca.crt', '--client-key', 'client.key']);
  const { stdout } = await run([...argv, '--client-cert', cert]);
  assert.equal(parse(stdout).users[0].user['client-certificate'], `${folder}/client.crt`);
});

const refused = [
  {
    name: 'no URL',
    server: 'broker:8443',
    argv: ['--ca', 'ca.crt'],
    want: '--server must be a URL such as https://127.0.0.1:8443/authenticate',
  },
  {
    name: 'a query',
    server: `${SERVER}?cluster=a`,
    argv: ['--ca', 'ca.crt'],
    want: '--server must not have a query or fragment: kube-apiserver drops both; use a path per cluster',
  },
  {
    name: 'a password in the URL',
    server: 'https://a:b@broker.example/',
    argv: ['--ca', 'ca.crt'],
    want: '--server must not have a user or a password',
  },
  {
    name: 'plain http to another machine',
    server: 'http://broker.example/',
    argv: [],
    want: '--server must be https: tokens must not travel in clear, plain http is for a loopback address only',
  },
  { name: 'no authority', argv: [], want: '--ca is required; see --help' },
  {
    name: 'an authority that is not there',
    argv: ['--ca', 'none.crt'],
    want: /^--ca: cannot read .*none\.crt: no such file$/,
  },
  {
    name: 'an authority that is no certificate',
    argv: ['--ca', 'text.txt'],
    want: /^--ca: .*text\.txt has no PEM certificate$/,
  },
  {
    name: 'a certificate without key',
    argv: ['--ca', 'ca.crt', '--client-cert', 'client.crt'],
    want: '--client-cert and --client-key go together',
  },
  {
    name: 'a key of another certificate',
    argv: ['--ca', 'ca.crt', '--client-cert', 'client.crt', '--client-key', 'other.key'],
    want: /^the client key does not belong to the client certificate: /,
  },
  {
    name: 'a key that is none',
    argv: ['--ca', 'ca.crt', '--client-cert', 'client.crt', '--client-key', 'text.txt'],
    want: /^the client key is no unencrypted PEM private key: /,
  },
  {
    name: 'nothing to embed',
    argv: ['--ca', 'ca.crt', '--embed'],
    want: '--embed needs --client-cert and --client-key',
  },
] as const;

for (const { name, argv, want, ...rest } of refused) {
  void test(`${name} is refused with one sentence`, async (t) => {
    const server = 'server' in rest ? rest.server : SERVER;
    const { code, stdout, stderr } = await run(argvFor(pemFolder(t), argv, server));
    assert.deepEqual([code, stdout], [2, '']);
    const sentence = stderr.replace('kube-auth-broker kubeconfig webhook: ', '').trimEnd();
    if (typeof want === 'string') assert.equal(sentence, want);
    else assert.match(sentence, want);
  });
}

const warned = [
  {
    name: 'a name of cluster DNS',
    server: 'https://broker.kube-system.svc:8443/authenticate',
    argv: ['--ca', 'ca.crt'],
    want: /fixed ClusterIP .* tls-server-name: broker\.kube-system\.svc; or .*https:\/\/127\.0\.0\.1/,
  },
  {
    name: 'no path',
    server: 'https://10.96.0.20:8443',
    argv: ['--ca', 'ca.crt'],
    want: /has no path; the broker's default endpoint is \/authenticate/,
  },
  {
    name: 'no client certificate',
    server: SERVER,
    argv: ['--ca', 'ca.crt'],
    want: /without a client certificate the broker cannot tell kube-apiserver from anybody else/,
  },
  {
    name: 'plain http with an authority',
    server: 'http://127.0.0.1:8443/authenticate',
    argv: ['--ca', 'ca.crt'],
    want: /over plain http kube-apiserver ignores/,
  },
];

for (const { name, server, argv, want } of warned) {
  void test(`${name}: a warning on stderr, the file on stdout`, async (t) => {
    const { code, stdout, stderr } = await run(argvFor(pemFolder(t), argv, server));
    assert.equal(code, 0);
    assert.equal(new URL(parse(stdout).clusters[0].cluster.server).href, new URL(server).href);
    assert.match(stderr, want);
  });
}

/** A line of the key itself, which PEM in any spelling would have. */
function keyBody(pem: string): string {
  return pem.split('\n')[1] ?? assert.fail('no key');
}
