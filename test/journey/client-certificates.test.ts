// Mutual TLS: who may post a TokenReview, and what the listener speaks.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { authority, KUBE_APISERVER, startBroker } from '../support/broker.ts';
import { makeAuthority } from '../support/certificates.ts';
import { HTTP_VERSIONS, type HttpVersion } from '../support/http2-client.ts';
import { movesOf } from '../support/metric-series.ts';
import { usersFile } from '../support/users-file.ts';

const start = (t: Parameters<typeof startBroker>[0], tls: object = {}, over: HttpVersion = 'HTTP/1.1') =>
  startBroker(t, {
    over,
    tls: 'mutual',
    files: { 'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }) },
    config: { ...CONFIG, webhook: { tls: { ...FILES, ...tls } } },
  });

const FILES = { certFile: 'tls/tls.crt', keyFile: 'tls/tls.key', clientCAFile: 'tls/client-ca.crt' };
const CONFIG = {
  webhook: { tls: FILES },
  providers: [{ name: 'staff', type: 'users', options: { file: 'users.yaml' } }],
};
const NAMED = { clientNames: ['kube-apiserver', 'spiffe://cluster/apiserver'] };
const accepted = { cache: { miss: 1 }, providers: { 'staff authenticated ok': 1 }, up: { staff: 1 }, entries: 1 };

const good = [
  { name: 'its common name', given: KUBE_APISERVER, client: 'kube-apiserver' },
  {
    name: 'a URI among its alternative names',
    given: authority.issue({ commonName: 'x', names: ['other.example', 'spiffe://cluster/apiserver'] }),
    client: 'spiffe://cluster/apiserver',
  },
];

const bad = [
  { name: 'no certificate', given: {} },
  { name: "another authority's certificate", given: makeAuthority('stranger').issue({ commonName: 'kube-apiserver' }) },
  {
    name: 'a certificate that has expired',
    given: authority.issue({ commonName: 'kube-apiserver', notAfter: new Date('2020-01-01') }),
  },
];

for (const over of HTTP_VERSIONS) {
  void describe(`mutual TLS, over ${over}`, () => {
    for (const { name, given, client } of good) {
      void test(`lets a client in by ${name}, and the log names it`, async (t) => {
        const broker = await start(t, NAMED, over);
        assert.equal((await broker.client(given).review('alice:wonderland')).authenticated, true);
        assert.equal(broker.logged('review')[0]?.['client'], client);
        assert.deepEqual(await broker.moved(), movesOf({ ...accepted, reviews: { 'authenticated ok': 1 } }));
      });
    }

    for (const { name, given } of bad) {
      void test(`fails the handshake for ${name}`, async (t) => {
        const broker = await start(t, {}, over);
        await assert.rejects(broker.client(given).review('alice:wonderland'), isHandshakeFailure);
        assert.deepEqual(await broker.moved(), {});
      });
    }

    void test('answers 401 to a certificate that has none of clientNames, and reads nothing', async (t) => {
      const broker = await start(t, NAMED, over);
      const stranger = broker.client(
        authority.issue({ commonName: 'kube-apiserver2', names: ['kube-apiserver.example'] }),
      );
      const answer = await stranger.post('alice:wonderland');
      assert.equal(answer.status, 401);
      assert.match(answer.text, /^The client certificate's name is not in clientNames\. [^\n]+\n$/);
      assert.deepEqual(broker.logged('review'), []);
      assert.deepEqual(await broker.moved(), movesOf({ reviews: { 'malformed untrusted-client': 1 } }));
    });

    void test('without clientNames any certificate of the authority will do', async (t) => {
      const broker = await start(t, {}, over);
      const anyone = broker.client(authority.issue({ commonName: 'anyone' }));
      assert.equal((await anyone.review('alice:wonderland')).authenticated, true);
      assert.deepEqual(await broker.moved(), movesOf({ ...accepted, reviews: { 'authenticated ok': 1 } }));
    });
  });
}

void describe('the TLS listener', () => {
  void test('speaks TLS 1.2 and 1.3, and HTTP/2 with a client that can', async (t) => {
    const { origin } = await start(t);
    const ALPNProtocols = ['h2', 'http/1.1'];
    const asked = { ...KUBE_APISERVER, ALPNProtocols };
    assert.equal(await handshake(origin, asked), 'TLSv1.3 h2');
    assert.equal(await handshake(origin, { ...asked, maxVersion: 'TLSv1.2' }), 'TLSv1.2 h2');
  });

  void test('speaks HTTP/1.1 with a client that knows no other, and with everybody once it is told to', async (t) => {
    const broker = await start(t);
    assert.equal(
      await handshake(broker.origin, { ...KUBE_APISERVER, ALPNProtocols: ['http/1.1'] }),
      'TLSv1.3 http/1.1',
    );
    assert.equal(await handshake(broker.origin, KUBE_APISERVER), 'TLSv1.3 false');
    broker.configure({ ...CONFIG, webhook: { ...CONFIG.webhook, http2: false } });
    broker.process.signal('SIGHUP');
    const both = { ...KUBE_APISERVER, ALPNProtocols: ['h2', 'http/1.1'] };
    assert.equal(await handshake(broker.origin, both), 'TLSv1.3 http/1.1');
    await assert.rejects(handshake(broker.origin, { ...KUBE_APISERVER, ALPNProtocols: ['h2'] }));
  });

  void test('refuses what is older than minVersion', async (t) => {
    const { origin } = await start(t, { minVersion: 'TLSv1.3' });
    const older = { ...KUBE_APISERVER, maxVersion: 'TLSv1.2' } as const;
    await assert.rejects(handshake(origin, older), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
  });
});

/** Protocol and ALPN of a handshake. */
function handshake(origin: string, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const port = Number(new URL(origin).port);
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...options }, () => {
      resolve(`${socket.getProtocol()} ${socket.alpnProtocol}`);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

function isHandshakeFailure(error: unknown): boolean {
  return /^(?:ERR_SSL_|ECONNRESET)/.test(String(Object(error)['code']));
}
