// Who the client is: the names of its certificate, which of them count, and that no name poses as two.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Client } from '../../src/http/client.ts';
import { certificateNames, clientJudge } from '../../src/http/client.ts';
import { clientAuthority, GET, serverTls, startListener, visit } from '../server/setup.ts';
import type { CertificateRequest } from '../support/certificates.ts';
import { rawConnection } from '../support/raw-http.ts';
import { inOrder } from '../support/settled.ts';

/** As the TLS layer of node reads them. */
function namesOf(request: CertificateRequest): readonly string[] {
  const certificate = new X509Certificate(clientAuthority.issue(request).cert);
  const { subjectAltName } = certificate;
  return certificateNames({
    subject: certificate.toLegacyObject().subject,
    ...(subjectAltName !== undefined && { subjectaltname: subjectAltName }),
  });
}

void describe('names of a certificate', () => {
  const rows: { name: string; given: CertificateRequest; want: readonly string[] }[] = [
    { name: 'the common name', given: { commonName: 'kas' }, want: ['kas'] },
    {
      name: 'DNS and URI',
      given: { commonName: 'kas', names: ['a.example', 'spiffe://c/b'] },
      want: ['kas', 'a.example', 'spiffe://c/b'],
    },
    { name: 'not IP addresses', given: { commonName: 'kas', names: ['10.0.0.1', '::1'] }, want: ['kas'] },
    { name: 'not organizations', given: { commonName: 'kas', organizations: ['system:masters'] }, want: ['kas'] },
    { name: 'a common name with a comma', given: { commonName: 'a, CN=b' }, want: ['a, CN=b'] },
    { name: 'a common name with a line break', given: { commonName: 'a\nCN=b' }, want: ['a\nCN=b'] },
    {
      name: 'a URI with a comma',
      given: { commonName: 'x', names: ['spiffe://c/a,b'] },
      want: ['x', 'spiffe://c/a,b'],
    },
    {
      name: 'a name that tries to be two is one',
      given: { commonName: 'x', names: ['evil.example, DNS:kas', 'spiffe://c/, URI:kas'] },
      want: ['x', 'evil.example, DNS:kas', 'spiffe://c/, URI:kas'],
    },
    {
      name: 'quotes and backslashes are part of a name',
      given: { commonName: 'x', names: ['spiffe://c/"kas"', String.raw`spiffe://c/\u002c`] },
      want: ['x', 'spiffe://c/"kas"', String.raw`spiffe://c/\u002c`],
    },
    { name: 'an empty common name is none', given: { commonName: '' }, want: [] },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(namesOf(given), want));

  void test('several common names are all of them, none is none', () => {
    const several = JSON.parse('{"subject":{"CN":["a","b"]}}');
    assert.deepEqual(certificateNames(several), ['a', 'b']);
    assert.deepEqual(certificateNames(JSON.parse('{"subject":{}}')), []);
    assert.deepEqual(certificateNames(JSON.parse('{}')), []);
  });
});

/** Who a listener with these names takes this client for; undefined without a certificate. */
async function judged(
  t: { after(hook: () => void): void },
  clientNames: readonly string[] | undefined,
  request: CertificateRequest,
): Promise<Client | undefined> {
  const judge = clientJudge(clientNames);
  let client: Client | undefined;
  const { address } = await startListener(t, serverTls({ clientCA: clientAuthority.cert }), (incoming, response) => {
    client = judge(incoming);
    response.end();
  });
  await visit(address.port, clientAuthority.issue(request));
  return client;
}

void describe('clientNames over mutual TLS', () => {
  const rows: { name: string; names?: string[]; given: CertificateRequest; want: Client }[] = [
    {
      name: 'none configured: any verified certificate',
      given: { commonName: 'kas' },
      want: { kind: 'named', name: 'kas' },
    },
    { name: 'by common name', names: ['kas'], given: { commonName: 'kas' }, want: { kind: 'named', name: 'kas' } },
    {
      name: 'by DNS name',
      names: ['b', 'a.example'],
      given: { commonName: 'x', names: ['a.example'] },
      want: { kind: 'named', name: 'a.example' },
    },
    {
      name: 'by URI',
      names: ['spiffe://c/a,b'],
      given: { commonName: 'x', names: ['spiffe://c/a,b'] },
      want: { kind: 'named', name: 'spiffe://c/a,b' },
    },
    {
      name: 'another name',
      names: ['kas'],
      given: { commonName: 'other', names: ['a.example'] },
      want: { kind: 'refused' },
    },
    { name: 'another case', names: ['kas'], given: { commonName: 'KAS' }, want: { kind: 'refused' } },
    {
      name: 'a part of the name',
      names: ['kas'],
      given: { commonName: 'kas2', names: ['kas.example'] },
      want: { kind: 'refused' },
    },
    {
      name: 'one name that poses as two',
      names: ['kas'],
      given: { commonName: 'x', names: ['y, DNS:kas'] },
      want: { kind: 'refused' },
    },
    {
      name: 'the organization',
      names: ['kas'],
      given: { commonName: 'x', organizations: ['kas'] },
      want: { kind: 'refused' },
    },
    {
      name: 'an IP address',
      names: ['10.0.0.1'],
      given: { commonName: 'x', names: ['10.0.0.1'] },
      want: { kind: 'refused' },
    },
  ];
  for (const { name, names, given, want } of rows) {
    void test(name, async (t) => assert.deepEqual(await judged(t, names, given), want));
  }
});

void describe('without a client certificate', () => {
  void test('a plain connection is anyone', () => {
    assert.deepEqual(clientJudge(undefined)(new IncomingMessage(new Socket())), { kind: 'anyone' });
  });
  void test('nobody is refused where no certificate is asked for, and nobody is named', async (t) => {
    const clients: Client[] = [];
    const judge = clientJudge(undefined);
    const { address } = await startListener(t, serverTls(), (incoming, response) => {
      clients.push(judge(incoming));
      response.end();
    });
    await visit(address.port, clientAuthority.issue({ commonName: 'kas' }));
    assert.deepEqual(clients, [{ kind: 'anyone' }]);
  });
  void test('a connection is judged once', async (t) => {
    const clients = new Set<Client>();
    const judge = clientJudge(['kas']);
    const pair = clientAuthority.issue({ commonName: 'kas' });
    const { address } = await startListener(t, serverTls({ clientCA: clientAuthority.cert }), (incoming, response) => {
      clients.add(judge(incoming));
      response.end();
    });
    const connection = await rawConnection(address.port, { rejectUnauthorized: false, ...pair });
    await inOrder([1, 2, 3], async (count) => {
      connection.write(GET);
      await connection.answers(count);
    });
    connection.socket.destroy();
    assert.equal(clients.size, 1);
  });
});
