// The end of an HTTP/2 connection: it loses no request.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServerTls } from '../../src/core/listening.ts';
import { rawConnection } from '../support/raw-http.ts';
import { FLAG, FRAME, headers, preface } from '../support/raw-http2.ts';
import { until } from '../support/settled.ts';
import { closed, secured, startHttp2, TRUST } from './http2-setup.ts';
import { authority, clientAuthority } from './setup.ts';

void describe('a connection that is to end', () => {
  void test('answers what has arrived, and says what the client is to send elsewhere', async (t) => {
    const { raw, listener, asked, go } = await startHttp2(t);
    const connection = await raw();
    connection.write(Buffer.concat([preface(), headers(1, { ':path': '/slow' }), headers(3)]));
    await until('both are asked', () => asked.length === 2);
    listener.retire();
    connection.write(headers(5));
    const told = () => connection.frames().filter(({ type }) => type === FRAME.goaway);
    await until('it is told', () => told().length === 1);
    const [goaway] = told();
    assert.deepEqual([goaway?.payload.readUInt32BE(), goaway?.payload.readUInt32BE(4)], [3, 0]);
    go();
    await connection.closed();
    const answered = connection.frames().filter(({ type, flags }) => type === FRAME.data && flags === FLAG.endStream);
    assert.deepEqual(new Set(answered.map(({ stream }) => stream)), new Set([1, 3]));
    assert.deepEqual(asked, ['/slow', '/']);
  });

  void test('that is not used closes at once', async (t) => {
    const { dial: connected, listener } = await startHttp2(t);
    const client = await connected();
    listener.retire();
    await closed(client);
    assert.deepEqual(client.goaways, [0]);
  });

  void test('that was dialled while the listener ends serves its first request', async (t) => {
    const { dial: connected, listener, seconds } = await startHttp2(t);
    listener.retire();
    const [client, unused] = [await connected(), await connected()];
    assert.deepEqual(client.goaways, [], 'a client that is told at once would dial again and again');
    assert.equal((await client.get()).status, 200);
    await closed(client);
    await seconds(11);
    await closed(unused);
  });

  void test('closeIdle ends those that ask nothing, and leaves what is being answered', async (t) => {
    const { dial: connected, listener, asked, go } = await startHttp2(t);
    const [idle, busy] = [await connected(), await connected()];
    const slow = busy.get('/slow');
    await until('it is asked', () => asked.length === 1);
    await listener.stopAccepting();
    listener.closeIdle();
    await closed(idle);
    assert.equal(busy.session.destroyed, false);
    go();
    assert.equal((await slow).status, 200);
    listener.closeIdle();
    await listener.closed;
  });

  void test('closeAll ends what is being answered', async (t) => {
    const { dial: connected, listener, asked } = await startHttp2(t);
    const busy = await connected();
    const slow = busy.get('/slow');
    await until('it is asked', () => asked.length === 1);
    await listener.stopAccepting();
    listener.closeAll();
    await assert.rejects(slow);
    await listener.closed;
  });
});

const mutual = (change: Partial<ServerTls> = {}) => secured({ clientCA: clientAuthority.cert, ...change });

void describe('another configuration', () => {
  const ours = clientAuthority.issue({ commonName: 'kube-apiserver' });
  const rows: readonly { name: string; given: ServerTls; ends: boolean }[] = [
    { name: 'another client CA', given: secured({ clientCA: authority.cert }), ends: true },
    { name: 'a higher TLS floor', given: mutual({ minVersion: 'TLSv1.3' }), ends: true },
    { name: 'HTTP/1.1 alone', given: mutual({ http2: false }), ends: true },
    { name: 'the same client CA with another certificate of the server', given: mutual(), ends: false },
  ];
  for (const { name, given, ends } of rows) {
    void test(`${name} ${ends ? 'ends connections with what is due' : 'leaves connections alone'}`, async (t) => {
      const { dial: connected, listener, asked, go } = await startHttp2(t, mutual());
      const client = await connected(ours);
      const slow = client.get('/slow');
      await until('it is asked', () => asked.length === 1);
      listener.setTls(given);
      go();
      assert.equal((await slow).status, 200);
      if (ends) return closed(client);
      assert.equal((await client.get()).status, 200);
      return assert.deepEqual(client.goaways, []);
    });
  }

  void test('without HTTP/2 new connections speak HTTP/1.1, and with it again HTTP/2', async (t) => {
    const { listener, port } = await startHttp2(t);
    const alpn = async (offered: string[]): Promise<unknown> => {
      const { socket } = await rawConnection(port, { ...TRUST, ALPNProtocols: offered });
      const protocol: unknown = Object(socket).alpnProtocol;
      socket.destroy();
      return protocol;
    };
    assert.equal(await alpn(['http/1.1', 'h2']), 'h2');
    listener.setTls(secured({ http2: false }));
    assert.equal(await alpn(['http/1.1', 'h2']), 'http/1.1');
    await assert.rejects(alpn(['h2']));
    listener.setTls(secured());
    assert.equal(await alpn(['h2']), 'h2');
  });
});
