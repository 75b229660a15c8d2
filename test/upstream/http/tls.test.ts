// TLS of the providers' HTTP client: whom it trusts, and what it presents.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/core/secret.ts';
import type { HttpClientOptions } from '../../../src/upstream/http/client.ts';
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
