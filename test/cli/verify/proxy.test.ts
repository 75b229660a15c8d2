// `verify` through a proxy, of the kubeconfig or of the environment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority } from '../../support/broker.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { startFakeProxy } from '../../support/fake-proxy.ts';
import { verified } from './setup.ts';

const HOST = 'broker.corp.example';
const REFUSAL = JSON.stringify({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  status: { authenticated: false },
});

/** Refuses in the version that is asked for. */
const handler = ({ body }: { readonly body: string }) => ({
  status: 200,
  body: REFUSAL.replace('/v1', `/${/v1beta1|v1/.exec(body)?.[0]}`),
  headers: { 'Content-Type': 'application/json' },
});

const rows = [
  {
    name: 'HTTPS_PROXY, with a word on whose environment counts',
    env: true,
    want: /‼ connect through the proxy localhost:\d+: which HTTPS_PROXY names here; kube-apiserver looks at its own/,
  },
  { name: 'proxy-url', env: false, want: /√ connect through the proxy localhost:\d+: which the kubeconfig names/ },
];
for (const { name, env, want } of rows) {
  void test(`every step goes through ${name}`, async (t) => {
    const tls = authority.issue({ commonName: HOST, names: [HOST] });
    const http = await startFakeHttp({ tls, handler });
    const proxy = await startFakeProxy({ toPort: http.port });
    t.after(() => Promise.all([http.close(), proxy.close()]));
    const url = `http://localhost:${proxy.port}`;
    const edit = env ? {} : { cluster: { 'proxy-url': url } };
    const seams = env ? { env: { HTTPS_PROXY: url } } : {};
    const { stdout } = await verified(t, `https://${HOST}/authenticate`, edit, { seams });
    assert.match(stdout, want);
    assert.match(stdout, /√ certificate name: good for broker\.corp\.example/);
    assert.match(stdout, /√ TokenReview v1: [^]*√ TokenReview v1beta1: /);
    assert.ok(proxy.asked.length >= 3 && proxy.asked.every((authorityAsked) => authorityAsked === `${HOST}:443`));
  });
}

void test('a proxy that is not there is why nothing can be told', async (t) => {
  const seams = { env: { HTTPS_PROXY: 'http://localhost:1' } };
  const { code, stdout } = await verified(t, `https://${HOST}/authenticate`, {}, { seams });
  assert.equal(code, 3);
  assert.match(
    stdout,
    /× connect through the proxy localhost:1: the proxy localhost:1 \(HTTPS_PROXY\) cannot be reached: ECONNREFUSED/,
  );
});

void test('what is no proxy is named', async (t) => {
  const { code, stdout } = await verified(
    t,
    `https://${HOST}/`,
    {},
    { seams: { env: { HTTPS_PROXY: 'socks5://a:1' } } },
  );
  assert.equal(code, 1);
  assert.match(stdout, /× proxy: HTTPS_PROXY is not the URL of an HTTP proxy/);
});
