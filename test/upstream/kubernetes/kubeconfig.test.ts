// A webhook kubeconfig means what client-go makes of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { readKubeconfig } from '../../../src/upstream/kubernetes/kubeconfig.ts';
import { makeAuthority } from '../../support/certificates.ts';

const authority = makeAuthority('test authority');
const client = authority.issue({ commonName: 'kube-apiserver' });
const stranger = makeAuthority('stranger');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const FILES: Readonly<Record<string, string>> = {
  '/etc/k8s/pki/ca.crt': authority.cert,
  '/etc/k8s/pki/client.crt': client.cert,
  '/etc/k8s/pki/client.key': client.key,
  '/abs/ca.crt': stranger.cert,
  '/etc/k8s/token': 'file-token\n',
};

type Entry = Readonly<Record<string, unknown>>;
interface Edit {
  readonly cluster?: Entry;
  readonly user?: Entry;
  readonly top?: Entry;
}

function written({ cluster = {}, user = {}, top = {} }: Edit): string {
  const server = 'https://broker.example:8443/authenticate';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'b', cluster: { server, ...cluster } }],
    users: [{ name: 'kas', user }],
    contexts: [{ name: 'w', context: { cluster: 'b', user: 'kas' } }],
    'current-context': 'w',
    ...top,
  });
}

function read(text: string): ReturnType<typeof readKubeconfig> {
  return readKubeconfig('/etc/k8s/webhook.kubeconfig', (path) => {
    const found = path === '/etc/k8s/webhook.kubeconfig' ? text : FILES[path];
    if (found === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return found;
  });
}

function reading(edit: Edit) {
  const result = read(written(edit));
  if (!result.ok) assert.fail(result.faults.join('; '));
  return result.kubeconfig;
}

const urls = [
  { name: 'a path is kept', given: 'https://b.example:8443/k8s/prod', want: 'https://b.example:8443/k8s/prod' },
  { name: 'a trailing slash goes', given: 'https://b.example/auth/', want: 'https://b.example/auth' },
  {
    name: 'double slashes and dots are cleaned',
    given: 'https://b.example/a//./b/../c',
    want: 'https://b.example/a/c',
  },
  { name: 'a bare host has the path /', given: 'https://b.example', want: 'https://b.example/' },
  { name: 'a query and a fragment are dropped', given: 'https://b.example/a?cluster=x#y', want: 'https://b.example/a' },
  { name: 'host and port without TLS are http', given: '127.0.0.1:8080', want: 'http://127.0.0.1:8080/' },
];

for (const { name, given, want } of urls) {
  void test(`server: ${name}`, () => assert.equal(reading({ cluster: { server: given } }).url.href, want));
}

void test('server: host and port with an authority are https', () => {
  const { url } = reading({ cluster: { server: 'b.example:8443', 'certificate-authority': 'pki/ca.crt' } });
  assert.equal(url.href, 'https://b.example:8443/');
});

void test('files are relative to the folder of the kubeconfig', () => {
  const { ca, client: shown } = reading({
    cluster: { 'certificate-authority': 'pki/ca.crt' },
    user: { 'client-certificate': 'pki/client.crt', 'client-key': '/etc/k8s/pki/client.key' },
  });
  assert.deepEqual([ca, shown?.cert, shown?.key.reveal()], [authority.cert, client.cert, client.key]);
});

void test('embedded data is base64', () => {
  const {
    ca,
    serverName,
    client: shown,
  } = reading({
    cluster: { 'certificate-authority-data': base64(authority.cert), 'tls-server-name': 'broker.svc' },
    user: { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) },
  });
  assert.deepEqual([ca, serverName, shown?.cert], [authority.cert, 'broker.svc', client.cert]);
});

void test('unknown fields are ignored, apiVersion and kind may be missing, JSON is YAML', () => {
  const text = JSON.stringify({
    clusters: [{ name: 'b', cluster: { server: 'https://b.example/', colour: 'green' } }],
    contexts: [{ name: 'w', context: { cluster: 'b' } }],
    'current-context': 'w',
    preferences: {},
  });
  const result = read(text);
  assert.deepEqual([result.ok, result.ok && result.kubeconfig.warnings], [true, []]);
});

void test('a key without certificate is left alone', () => {
  assert.equal(reading({ user: { 'client-key': 'pki/client.key' } }).client, undefined);
});

const secrets = [
  { name: 'a token', given: { token: 'Canary-token' }, want: 'Bearer Canary-token' },
  { name: 'a token file', given: { tokenFile: 'token' }, want: 'Bearer file-token' },
  { name: 'a token before a token file', given: { token: 'a', tokenFile: 'token' }, want: 'Bearer a' },
  { name: 'a username and password', given: { username: 'u', password: 'p' }, want: `Basic ${base64('u:p')}` },
  { name: 'nothing', given: {}, want: undefined },
];

for (const { name, given, want } of secrets) {
  void test(`authorization: ${name}`, () => assert.equal(reading({ user: given }).authorization?.reveal(), want));
}

void test('over plain http everything of TLS and the token is ignored', () => {
  const {
    warnings,
    url: _url,
    context: _context,
    ...rest
  } = reading({
    cluster: { server: 'http://127.0.0.1:8080/a', 'certificate-authority': 'pki/ca.crt', 'tls-server-name': 'x' },
    user: { tokenFile: 'none' },
  });
  assert.deepEqual(rest, { insecure: false });
  assert.match(warnings.join(), /plain http: kube-apiserver ignores/);
});

const warned = [
  { name: 'a query', given: { cluster: { server: 'https://b.example/a?x=1' } }, want: /drops; use the path/ },
  {
    name: 'a SOCKS proxy',
    given: { cluster: { 'proxy-url': 'socks5://u:Canary@proxy:1080' } },
    want: /proxy-url is set/,
  },
  { name: 'an exec entry', given: { user: { exec: { command: 'x' } } }, want: /which is not run here/ },
  {
    name: 'a user that is not there',
    given: { top: { users: [] } },
    want: /names a user that is not in users: kube-apiserver then shows no client certificate/,
  },
];

for (const { name, given, want } of warned) {
  void test(`a warning for ${name}`, () => {
    const { warnings } = reading(given);
    assert.match(warnings.join('\n'), want);
    assert.doesNotMatch(warnings.join('\n'), /Canary/);
  });
}

const refused = [
  { name: 'no current-context', given: { top: { 'current-context': '' } }, want: /current-context is missing/ },
  {
    name: 'a context that is not there',
    given: { top: { 'current-context': 'x' } },
    want: /context that is not in contexts/,
  },
  { name: 'a cluster that is not there', given: { top: { clusters: [] } }, want: /cluster that is not in clusters/ },
  {
    name: 'a name that is there twice',
    given: { top: { users: [{ name: 'a' }, { name: 'a' }] } },
    want: /users has the same name twice/,
  },
  { name: 'another kind', given: { top: { kind: 'Secret' } }, want: /apiVersion and kind/ },
  { name: 'no server', given: { cluster: { server: '' } }, want: /server is missing or no URL/ },
  {
    name: 'a path without a scheme',
    given: { cluster: { server: 'b.example/a' } },
    want: /server is missing or no URL/,
  },
  { name: 'a server of another type', given: { cluster: { server: 42 } }, want: /server must be a string/ },
  {
    name: 'an authority that is not there',
    given: { cluster: { 'certificate-authority': 'x.crt' } },
    want: /certificate-authority: cannot read \/etc\/k8s\/x\.crt: no such file/,
  },
  {
    name: 'an authority that is none',
    given: { cluster: { 'certificate-authority': 'token' } },
    want: /certificate-authority has no PEM certificate/,
  },
  {
    name: 'an authority twice',
    given: {
      cluster: { 'certificate-authority': '/abs/ca.crt', 'certificate-authority-data': base64(authority.cert) },
    },
    want: /are both there; keep one/,
  },
  {
    name: 'an authority that is not used',
    given: { cluster: { 'certificate-authority': '/abs/ca.crt', 'insecure-skip-tls-verify': true } },
    want: /exclude each other/,
  },
  {
    name: 'a certificate without key',
    given: { user: { 'client-certificate': 'pki/client.crt' } },
    want: /the client certificate has no client key/,
  },
  {
    name: 'a key of another certificate',
    given: { user: { 'client-certificate': 'pki/client.crt', 'client-key-data': base64(stranger.key) } },
    want: /does not belong to/,
  },
  {
    name: 'a token file that is not there',
    given: { user: { tokenFile: 'none' } },
    want: /tokenFile: cannot read \/etc\/k8s\/none/,
  },
  {
    name: 'a flag that is a text',
    given: { cluster: { 'insecure-skip-tls-verify': 'maybe' } },
    want: /insecure-skip-tls-verify must be true or false/,
  },
  {
    name: 'a token beside a password',
    given: { user: { token: 'a', username: 'b' } },
    want: /a token and a password; keep one/,
  },
  {
    name: 'a proxy that is no URL',
    given: { cluster: { 'proxy-url': '::' } },
    want: /proxy-url is no http, https or socks5 URL/,
  },
];

for (const { name, given, want } of refused) {
  void test(`${name} is a fault`, () => {
    const result = read(written(given));
    assert.equal(result.ok, false);
    assert.match((result.ok ? [] : result.faults).join('\n'), want);
  });
}
