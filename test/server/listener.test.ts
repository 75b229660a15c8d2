// The limits of a listener: how long it waits, how much it reads, how long it keeps a connection.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIMITS, listen } from '../../src/server/listener.ts';
import { rawConnection, rawRequest } from '../support/raw-http.ts';
import { until } from '../support/settled.ts';
import { answerOk, GET, LOOPBACK, serverTls, startListener } from './setup.ts';

const header = (bytes: number) => GET.replace('\r\n\r\n', `\r\nX-Large: ${'x'.repeat(bytes)}\r\n\r\n`);

/** Node's own limit, shorter. */
const SHORT_HANDSHAKE = { ...LIMITS, handshakeTimeout: 330 };

void describe('waiting', () => {
  void test('for a client that begins no TLS handshake', async (t) => {
    const { address } = await startListener(t, serverTls(), answerOk, SHORT_HANDSHAKE);
    const connection = await rawConnection(address.port);
    await connection.closed();
  });
  void test('an idle connection is kept for 120 s, longer than Go keeps its own', async (t) => {
    const { address } = await startListener(t);
    assert.equal((await rawRequest(address.port, GET)).headers.get('keep-alive'), 'timeout=120');
  });
});

void describe('reading', () => {
  void test('16 KiB of headers are refused', async (t) => {
    const { address } = await startListener(t);
    assert.equal((await rawRequest(address.port, header(15_000))).status, 200);
    assert.equal((await rawRequest(address.port, header(17_000))).status, 431);
  });
  for (const given of [
    '\x16\x03\x01\x02\x00\x01\x00\x01',
    'FOO / HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
  ]) {
    void test(`${JSON.stringify(given)} is refused and closed`, async (t) => {
      const { address } = await startListener(t);
      const connection = await rawConnection(address.port);
      connection.write(given);
      assert.match(await connection.closed(), /^HTTP\/1\.1 400 /);
    });
  }
});

void describe('ending', () => {
  void test('an address in use is an error', async (t) => {
    const { address } = await startListener(t);
    await assert.rejects(listen(address, undefined, { http1: answerOk }), { code: 'EADDRINUSE' });
  });
  void test('after stopAccepting an open connection may still send, a new one is refused', async (t) => {
    const listener = await startListener(t);
    const { port } = listener.address;
    const open = await rawConnection(port);
    open.write(GET);
    await open.answers(1);
    await listener.stopAccepting();
    await assert.rejects(rawConnection(port), { code: 'ECONNREFUSED' });
    open.write(GET);
    assert.equal((await open.answers(2)).length, 2);
    listener.closeIdle();
    await open.closed();
    await listener.closed;
  });
  void test('closeIdle leaves what is being answered, closeAll does not', async (t) => {
    let isAsked = false;
    const listener = await startListener(t, undefined, () => {
      isAsked = true;
    });
    const busy = await rawConnection(listener.address.port);
    busy.write(GET);
    await until('the request arrives', () => isAsked);
    await listener.stopAccepting();
    listener.closeIdle();
    assert.equal(busy.socket.destroyed, false);
    listener.closeAll();
    await busy.closed();
    await listener.closed;
  });
  void test('closeAll cuts a connection whose TLS handshake has not begun', async (t) => {
    const listener = await startListener(t, serverTls());
    const silent = await rawConnection(listener.address.port);
    await listener.stopAccepting();
    listener.closeAll();
    await silent.closed();
    await listener.closed;
  });
  void test('who has connected by then is answered, and not reset', async (t) => {
    const listener = await startListener(t);
    const { port } = listener.address;
    const clients = Array.from({ length: 100 }, () => rawRequest(port, GET));
    await listener.stopAccepting();
    const answers = await Promise.all(clients);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  });
  void test('it says at which port it listens', async (t) => {
    const { address } = await startListener(t);
    assert.equal(address.host, LOOPBACK.host);
    assert.notEqual(address.port, 0);
  });
});
