// The steps of `check --connect` below any upstream: each fault is named at its step, with its cure.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProbeStep } from '../../../src/core/provider.ts';
import { probeTransport, type TransportTarget, transportOf } from '../../../src/upstream/http/transport-probe.ts';
import { type CertificateRequest, issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { deadline } from '../../support/patience.ts';

const authority = makeAuthority('test authority');
const HOUR_MS = 3_600_000;

async function probed(target: TransportTarget, signal = deadline(2000)) {
  const steps: ProbeStep[] = [];
  const isReached = await probeTransport(target, (step) => void steps.push(step), signal);
  assert.equal(
    isReached,
    steps.every(({ result }) => result !== 'failed'),
  );
  return steps;
}

void describe('a TLS upstream', () => {
  const rows: readonly {
    name: string;
    server?: Partial<CertificateRequest>;
    tls?: TransportTarget['tls'];
    want: readonly [ProbeStep['result'], RegExp];
  }[] = [
    {
      name: 'that is all right',
      server: { notAfter: new Date(Date.now() + 400 * 24 * HOUR_MS) },
      want: ['ok', /^TLSv1\.3, certificate CN=localhost, by CN=test authority, valid until 2/],
    },
    { name: 'whose certificate ends soon', want: ['warning', /ends within 14 days, renew it$/] },
    {
      name: 'whose certificate has ended',
      server: { notAfter: new Date(Date.now() - HOUR_MS / 2) },
      want: ['failed', /^CERT_HAS_EXPIRED: .* renew it$/],
    },
    {
      name: 'whose certificate is of tomorrow',
      server: { notBefore: new Date(Date.now() + HOUR_MS / 2) },
      want: ['failed', /^CERT_NOT_YET_VALID: .* compare the clocks$/],
    },
    {
      name: 'whose certificate is for another name',
      server: { names: ['elsewhere.test'] },
      want: ['failed', /^ERR_TLS_CERT_ALTNAME_INVALID: .*DNS:elsewhere\.test, not for localhost; .*serverName/],
    },
    {
      name: 'whose authority is unknown',
      tls: {},
      want: ['failed', /^\w+: the certificate \(by CN=test authority\) is not trusted; set tls\.caFile/],
    },
  ];
  for (const { name, server = {}, tls = { ca: authority.cert }, want } of rows) {
    void test(`${name} is ${want[0]}`, async (t) => {
      const upstream = await startFakeHttp({ tls: issueLoopback(authority, server), handler: () => ({ status: 200 }) });
      t.after(() => upstream.close());
      const steps = await probed({ host: 'localhost', port: upstream.port, tls });
      const where = `localhost:${upstream.port}`;
      assert.deepEqual(
        steps.map(({ step }) => step),
        ['resolve localhost', `connect to ${where}`, `TLS with ${where}`],
      );
      assert.equal(steps[2]?.result, want[0]);
      assert.match(steps[2]?.detail ?? '', want[1]);
      assert.equal(upstream.exchanges(), 0, 'nothing was sent');
    });
  }
});

void test('a name that does not resolve is the first failure', async () => {
  const [step, ...others] = await probed({ host: 'nowhere.invalid', port: 443, tls: {} });
  assert.equal(step?.result, 'failed');
  assert.match(step?.detail ?? '', /^(ENOTFOUND|EAI_AGAIN): The upstream's name does not resolve\./);
  assert.deepEqual(others, []);
});

void test('a port where nothing listens is told with what to do', async () => {
  const [step] = await probed({ host: '127.0.0.1', port: 9, tls: false });
  assert.deepEqual(
    [step?.step, step?.result, step?.detail],
    [
      'connect to 127.0.0.1:9',
      'failed',
      'ECONNREFUSED: Nothing listens at the upstream address. Start the upstream; check host and port.',
    ],
  );
});

void test('a port that does not speak TLS is told as such, without a word of check --connect', async (t) => {
  const upstream = await startFakeHttp({ handler: () => ({ status: 200 }) });
  t.after(() => upstream.close());
  const steps = await probed({ host: '127.0.0.1', port: upstream.port, tls: {} });
  assert.match(steps[1]?.detail ?? '', /^[A-Z_]+: Check that the port speaks TLS 1\.2 or later; the server's log/);
});

void test('an aborted probe fails its step and throws nothing', async () => {
  const [step] = await probed({ host: 'localhost', port: 9, tls: false }, AbortSignal.abort());
  assert.equal(step?.result, 'failed');
});

void test('the transport of a URL has the port of its scheme', () => {
  const tls = { serverName: 'x' };
  assert.deepEqual(transportOf(new URL('https://h/x'), tls), { host: 'h', port: 443, tls });
  assert.deepEqual(transportOf(new URL('https://h:8/x'), undefined), { host: 'h', port: 8, tls: {} });
  assert.deepEqual(transportOf(new URL('http://[::1]/x'), undefined), { host: '::1', port: 80, tls: false });
});
