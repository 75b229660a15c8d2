// The TLS of a listener: protocol, floor, client certificates, and how all of it survives a reload.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { Secret } from '../../src/core/secret.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { rawConnection } from '../support/raw-http.ts';
import { inOrder } from '../support/settled.ts';
import { authority, clientAuthority, GET, serverTls, startListener, visit } from './setup.ts';

const ours = clientAuthority.issue({ commonName: 'kube-apiserver' });
const stranger = makeAuthority('stranger').issue({ commonName: 'kube-apiserver' });
const expired = clientAuthority.issue({ commonName: 'kube-apiserver', notAfter: new Date(Date.now() - 1000) });
const selfSigned = makeAuthority('kube-apiserver');

const mutual = () => serverTls({ clientCA: clientAuthority.cert });

void describe('protocol', () => {
  void test('of h2 and http/1.1, http/1.1 is taken', async (t) => {
    const { address } = await startListener(t, serverTls());
    assert.equal((await visit(address.port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpn, 'http/1.1');
  });
  void test('a client that speaks h2 alone is refused', async (t) => {
    const { address } = await startListener(t, serverTls());
    await assert.rejects(visit(address.port, { ALPNProtocols: ['h2'] }));
  });
  void test('a client without ALPN is served', async (t) => {
    const { address } = await startListener(t, serverTls());
    const { answer, protocol } = await visit(address.port);
    assert.deepEqual([answer.status, protocol], [200, 'TLSv1.3']);
  });
  const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const twelve: ConnectionOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
  void test('TLS 1.1 is refused', async (t) => {
    const { address } = await startListener(t, serverTls());
    await assert.rejects(visit(address.port, old));
  });
  void test('TLS 1.2 is served, unless the floor is 1.3, before and after a reload', async (t) => {
    const listener = await startListener(t, serverTls());
    const { port } = listener.address;
    assert.equal((await visit(port, twelve)).protocol, 'TLSv1.2');
    listener.setTls(serverTls({ minVersion: 'TLSv1.3' }));
    await assert.rejects(visit(port, twelve));
    listener.setTls(serverTls());
    assert.equal((await visit(port, twelve)).protocol, 'TLSv1.2');
    await assert.rejects(visit(port, old));
  });
  void test('plain HTTP at a TLS port is not answered', async (t) => {
    const { address } = await startListener(t, serverTls());
    const plain = await rawConnection(address.port);
    plain.write(GET);
    assert.doesNotMatch(await plain.closed(), /200/);
  });
  void test('no session is resumed, in either version', async (t) => {
    const { address } = await startListener(t, serverTls());
    await inOrder([twelve, {}], async (version) => {
      const tls = { ca: authority.cert, servername: 'localhost', ...version };
      const first = await rawConnection(address.port, tls);
      const sessions: Buffer[] = [];
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      first.write(GET);
      await first.answers(1);
      const session = sessions.at(-1) ?? Object(first.socket).getSession();
      first.socket.destroy();
      const second = await rawConnection(address.port, { ...tls, session });
      assert.equal(Object(second.socket).isSessionReused(), false);
      second.socket.destroy();
    });
  });
});

void describe('mutual TLS', () => {
  const refused: { name: string; given: ConnectionOptions }[] = [
    { name: 'no certificate', given: {} },
    { name: 'a certificate of another authority', given: stranger },
    { name: 'an expired certificate', given: expired },
    { name: 'a self-signed certificate', given: selfSigned },
    { name: 'a certificate of the server authority', given: issueLoopback(authority) },
    { name: 'no certificate, over TLS 1.2', given: { maxVersion: 'TLSv1.2' } },
  ];
  for (const { name, given } of refused) {
    void test(`the handshake fails with ${name}, before and after a reload`, async (t) => {
      let requests = 0;
      const listener = await startListener(t, mutual(), () => {
        requests += 1;
      });
      await assert.rejects(visit(listener.address.port, given));
      listener.setTls(mutual());
      await assert.rejects(visit(listener.address.port, given));
      assert.equal(requests, 0);
    });
  }
  void test('a certificate of ours is served, before and after a reload', async (t) => {
    const listener = await startListener(t, mutual());
    assert.equal((await visit(listener.address.port, ours)).answer.status, 200);
    listener.setTls(mutual());
    assert.equal((await visit(listener.address.port, ours)).answer.status, 200);
  });
  void test('a new client authority counts at once for new connections', async (t) => {
    const other = makeAuthority('other client authority');
    const listener = await startListener(t, mutual());
    const open = await rawConnection(listener.address.port, { ca: authority.cert, servername: 'localhost', ...ours });
    listener.setTls(serverTls({ clientCA: other.cert }));
    await assert.rejects(visit(listener.address.port, ours));
    assert.equal((await visit(listener.address.port, other.issue({ commonName: 'x' }))).answer.status, 200);
    open.write(GET);
    assert.equal((await open.answers(1))[0]?.status, 200, 'an open connection goes on');
    open.socket.destroy();
  });
});

void test('a client authority that is none lets nobody in', async (t) => {
  const listener = await startListener(t, serverTls({ clientCA: clientAuthority.cert }));
  listener.setTls(serverTls({ clientCA: '-----BEGIN CERTIFICATE-----\nx' }));
  await inOrder([ours, stranger, {}], (tls) => assert.rejects(visit(listener.address.port, tls)));
});

void describe('a new pair', () => {
  const renewed = issueLoopback(authority, { commonName: 'renewed' });
  void test('is used by new connections', async (t) => {
    const listener = await startListener(t, serverTls());
    assert.equal((await visit(listener.address.port)).serverName, 'localhost');
    listener.setTls(serverTls({}, renewed));
    assert.equal((await visit(listener.address.port)).serverName, 'renewed');
  });
  const unusable: { name: string; given: ReturnType<typeof serverTls> }[] = [
    {
      name: 'a key of another certificate',
      given: serverTls({ key: new Secret(issueLoopback(authority).key) }, renewed),
    },
    { name: 'a certificate that is none', given: serverTls({ cert: 'x' }) },
    { name: 'a key that is none', given: serverTls({ key: new Secret('x') }) },
  ];
  for (const { name, given } of unusable) {
    void test(`with ${name} throws, and the old one stays`, async (t) => {
      const listener = await startListener(t, serverTls({ clientCA: clientAuthority.cert, minVersion: 'TLSv1.3' }));
      const { port } = listener.address;
      assert.throws(() => listener.setTls(given));
      assert.equal((await visit(port, ours)).serverName, 'localhost');
      await assert.rejects(visit(port, stranger));
      await assert.rejects(visit(port, { ...ours, maxVersion: 'TLSv1.2' }));
    });
  }
});
