// `verify` on its way to the webhook: names, connections and certificates as Go takes them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authority } from '../../support/broker.ts';
import { issueLoopback } from '../../support/certificates.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { base64, fake, verified } from './setup.ts';

const certificateRows = [
  {
    name: 'an expired certificate',
    given: issueLoopback(authority, { notAfter: new Date(Date.now() - 60_000) }),
    want: /× certificate chain: CERT_HAS_EXPIRED: the certificate ended on .*renew it/,
  },
  {
    name: 'a certificate of tomorrow',
    given: issueLoopback(authority, { notBefore: new Date(Date.now() + 60_000) }),
    want: /× certificate chain: CERT_NOT_YET_VALID: .*compare the clocks/,
  },
  {
    name: 'a certificate with a common name only',
    given: authority.issue({ commonName: 'localhost' }),
    want: /× certificate name: the certificate has no subject alternative name, and Go ignores the common name/,
  },
];

for (const { name, given, want } of certificateRows) {
  void test(`${name}: exit 1`, async (t) => {
    const ran = await verified(t, await fake(t, { status: 200 }, given));
    assert.match(ran.stdout, want);
    assert.equal(ran.code, 1);
    assert.doesNotMatch(ran.stdout, /TokenReview v1/, 'kube-apiserver gets no further');
  });
}

void test('a certificate in the file that is no root is an anchor, as in Go', async (t) => {
  const leaf = issueLoopback(authority);
  const body = JSON.stringify({ status: { authenticated: false } });
  const server = await fake(t, { status: 200, body }, leaf);
  const ran = await verified(t, server, { cluster: { 'certificate-authority-data': base64(leaf.cert) } });
  assert.equal(ran.code, 0, ran.stdout);
});

void test('nothing listens: exit 3 with what to look at', async (t) => {
  const http = await startFakeHttp({ handler: () => ({ status: 200 }) });
  await http.close();
  const ran = await verified(t, `https://127.0.0.1:${http.port}/authenticate`);
  assert.equal(ran.code, 3);
  assert.match(ran.stdout, /× connect to port \d+: ECONNREFUSED at 127\.0\.0\.1:\d+\. Is the broker running/);
});

const noName = async (): Promise<never> => {
  throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
};

const here = async (): Promise<readonly string[]> => ['127.0.0.1'];

void test('a name of cluster DNS that does not resolve: both ways out, exit 1', async (t) => {
  const ran = await verified(
    t,
    'https://broker.kube-system.svc:8443/authenticate',
    {},
    { seams: { resolveHost: noName } },
  );
  assert.equal(ran.code, 1);
  assert.match(
    ran.stdout,
    /× resolve broker\.kube-system\.svc: ENOTFOUND\. .*fixed ClusterIP .*tls-server-name: broker\.kube-system\.svc; or .*https:\/\/127\.0\.0\.1:PORT\/PATH/,
  );
});

void test('another name that does not resolve: exit 3', async (t) => {
  const ran = await verified(t, 'https://broker.example/authenticate', {}, { seams: { resolveHost: noName } });
  assert.equal(ran.code, 3);
  assert.match(ran.stdout, /× resolve broker\.example: ENOTFOUND\. Check the name/);
});

void test('a name of cluster DNS that resolves here is still a warning', async (t) => {
  const tls = authority.issue({ commonName: 'x', names: ['broker.kube-system.svc'] });
  const body = JSON.stringify({ status: { authenticated: false } });
  const port = new URL(await fake(t, { status: 200, body }, tls)).port;
  const server = `https://broker.kube-system.svc:${port}/authenticate`;
  const ran = await verified(t, server, {}, { seams: { resolveHost: here } });
  assert.equal(ran.code, 0, ran.stdout);
  assert.match(
    ran.stdout,
    /‼ resolve broker\.kube-system\.svc: 127\.0\.0\.1\. It resolves here, but needs the cluster's DNS/,
  );
  assert.match(ran.stdout, /√ certificate name: good for broker\.kube-system\.svc/);
});

void test('certificates that end soon are warnings', async (t) => {
  const notAfter = new Date(Date.now() + 13 * 24 * 3_600_000);
  const client = authority.issue({ commonName: 'kube-apiserver', notAfter });
  const tls = { ...issueLoopback(authority, { notAfter }), ca: authority.cert, requestCert: true };
  const body = JSON.stringify({ status: { authenticated: false } });
  const { code, stdout } = await verified(t, await fake(t, { status: 200, body }, tls), { client });
  assert.equal(code, 0);
  assert.match(stdout, /‼ certificate end: [\dT:.-]+Z, within 14 days; renew it\n/);
  assert.match(
    stdout,
    /‼ client certificate: CN=kube-apiserver is accepted, a caller without one is refused; it ends on [\dT:.-]+Z, renew it\n/,
  );
});
