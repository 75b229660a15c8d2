// TLS of the providers' HTTP client: whom it trusts, and what it presents.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import type { HttpClientOptions } from '../../../src/upstream/http/client.ts';
import { tlsFault } from '../../../src/upstream/http/tls.ts';
import { issueLoopback, makeAuthority } from '../../support/certificates.ts';
import { startFakeHttp } from '../../support/fake-http.ts';
import { gist, withClient } from '../../support/http-client.ts';

const authority = makeAuthority('test authority');
const tls = issueLoopback(authority);
const trusting: HttpClientOptions = { tls: { ca: authority.cert } };

void describe('TLS towards the upstream', () => {
  const rows: readonly {
    name: string;
    server: Parameters<typeof issueLoopback>[1];
    client?: HttpClientOptions;
    want: unknown;
  }[] = [
    { name: 'trusts the configured authority', server: {}, want: { status: 200, body: '' } },
    { name: 'trusts no other', server: {}, client: {}, want: { kind: 'unavailable', reason: 'tls-failed' } },
    {
      name: 'refuses a certificate that has ended',
      server: { notAfter: new Date(Date.now() - 1000) },
      want: { kind: 'unavailable', reason: 'tls-failed' },
    },
    {
      name: 'refuses a certificate for another name',
      server: { names: ['elsewhere.test'] },
      want: { kind: 'unavailable', reason: 'tls-failed' },
    },
    {
      name: 'takes a certificate for the configured server name',
      server: { names: ['elsewhere.test'] },
      client: { tls: { ca: authority.cert, serverName: 'elsewhere.test' } },
      want: { status: 200, body: '' },
    },
    {
      name: 'refuses the right host once a server name is configured',
      server: {},
      client: { tls: { ca: authority.cert, serverName: 'elsewhere.test' } },
      want: { kind: 'unavailable', reason: 'tls-failed' },
    },
  ];
  for (const { name, server, client = trusting, want } of rows) {
    void test(name, async (t) => {
      const upstream = await startFakeHttp({ tls: issueLoopback(authority, server), handler: () => ({ status: 200 }) });
      t.after(() => upstream.close());
      await withClient(client, async (send) =>
        assert.deepEqual(gist(await send({ method: 'GET', url: new URL(upstream.origin) })), want),
      );
    });
  }

  void test('an authority that another one signed is an anchor by itself', async (t) => {
    const issuing = authority.issueAuthority('issuing authority');
    const upstream = await startFakeHttp({ tls: issueLoopback(issuing), handler: () => ({ status: 200 }) });
    t.after(() => upstream.close());
    const request = { method: 'GET', url: new URL(upstream.origin) } as const;
    await withClient({ tls: { ca: issuing.cert } }, async (send) =>
      assert.deepEqual(gist(await send(request)), { status: 200, body: '' }),
    );
    const another = authority.issueAuthority('another issuing authority');
    await withClient({ tls: { ca: another.cert } }, async (send) =>
      assert.deepEqual(gist(await send(request)), { kind: 'unavailable', reason: 'tls-failed' }),
    );
  });

  void test('without an authority of its own trusts the store of the system and the authorities of Node.js', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'authorities-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const [system, extra] = [makeAuthority('system authority'), makeAuthority('extra authority')];
    writeFileSync(join(dir, 'system.pem'), system.cert);
    writeFileSync(join(dir, 'extra.pem'), extra.cert);
    const script = `import { tlsOptions } from '${new URL('../../../src/upstream/http/tls.ts', import.meta.url).href}';
      process.stdout.write(JSON.stringify(tlsOptions(undefined).ca));`;
    const env = { SSL_CERT_FILE: join(dir, 'system.pem'), NODE_EXTRA_CA_CERTS: join(dir, 'extra.pem') };
    const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' });
    const trusted = new Set(stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g));
    const found = [...trusted].map((pem) => new X509Certificate(pem.replaceAll('\\n', '\n')).subject);
    assert.ok(found.includes('CN=system authority') && found.includes('CN=extra authority'), found.join());
    assert.ok(found.length > 100, 'the authorities that Node.js brings along');
  });

  const faults = [
    { name: 'text', given: { ca: 'no certificate' } },
    { name: 'an authority that is cut off', given: { ca: authority.cert.slice(0, 200) } },
    { name: 'a key of another certificate', given: { cert: tls.cert, key: new Secret(authority.key) } },
  ];
  for (const { name, given } of faults) {
    void test(`${name} is a fault of the files, and is an outage where it was not found before`, async (t) => {
      assert.match(tlsFault(given) ?? '', /must be PEM/);
      const upstream = await startFakeHttp({ tls, handler: () => ({ status: 200 }) });
      t.after(() => upstream.close());
      await withClient({ tls: given }, async (send) =>
        assert.match(JSON.stringify(gist(await send({ method: 'GET', url: new URL(upstream.origin) }))), /unavailable/),
      );
    });
  }

  void test('presents the client certificate, and a server that wants one and gets none ends the connection', async (t) => {
    const clients = makeAuthority('client authority');
    const { cert, key } = clients.issue({ commonName: 'broker' });
    const demanding = { ...tls, ca: clients.cert, requestCert: true, rejectUnauthorized: true };
    const upstream = await startFakeHttp({ tls: demanding, handler: () => ({ status: 200 }) });
    t.after(() => upstream.close());
    const url = new URL(upstream.origin);
    await withClient({ tls: { ca: authority.cert, cert, key: new Secret(key) } }, async (send) =>
      assert.deepEqual(gist(await send({ method: 'GET', url })), { status: 200, body: '' }),
    );
    await withClient(trusting, async (send) =>
      assert.match(JSON.stringify(gist(await send({ method: 'GET', url }))), /tls-failed|connection-failed/),
    );
  });
});
