// How long an HTTP/2 connection may take: the same times as over HTTP/1.1.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settled } from '../support/fake-clock.ts';
import { FLAG, FRAME, headers, preface, type RawHttp2 } from '../support/raw-http2.ts';
import { inOrder, until } from '../support/settled.ts';
import { closed, startHttp2, statusOf } from './http2-setup.ts';

const has = (connection: RawHttp2, wanted: number): boolean => connection.frames().some(({ type }) => type === wanted);

void describe('the patience of a listener, over HTTP/2', () => {
  void test('a connection dialled ahead is kept for 120 s, and its first request is served', async (t) => {
    const { dial: connected, seconds } = await startHttp2(t);
    const [used, unused] = [await connected(), await connected()];
    await seconds(119);
    assert.equal((await used.get()).status, 200);
    await seconds(2);
    await closed(unused);
    assert.deepEqual(unused.goaways, [0], 'it is told so');
    assert.equal(used.session.destroyed, false);
  });

  void test('who asks for signs of life, and for nothing else, is idle', async (t) => {
    const { dial: connected, seconds } = await startHttp2(t);
    const client = await connected();
    await inOrder(Array.from({ length: 118 }), async () => {
      client.session.ping(() => undefined);
      await seconds(1);
    });
    assert.equal(client.session.destroyed, false);
    await seconds(3);
    await closed(client);
  });

  const unfinished = [
    { name: 'the preface', given: preface().subarray(0, 20) },
    { name: 'the head of its first request', given: Buffer.concat([preface(), headers(1, {}, FLAG.endStream)]) },
    {
      name: 'the head of its second request',
      given: Buffer.concat([preface(), headers(1), headers(3, {}, FLAG.endStream)]),
    },
    { name: 'a frame', given: Buffer.concat([preface(), headers(1).subarray(0, -3)]) },
  ];
  for (const { name, given } of unfinished) {
    void test(`who never ends ${name} is cut 10 s after its last byte`, async (t) => {
      const { raw, seconds } = await startHttp2(t);
      const connection = await raw();
      await seconds(60);
      connection.write(given);
      await settled();
      await seconds(10);
      assert.equal(connection.socket.destroyed, false);
      await seconds(3);
      await connection.closed();
    });
  }

  void test('who sends a byte of a head a second gets as much time as everybody', async (t) => {
    const { raw, seconds } = await startHttp2(t);
    const connection = await raw();
    connection.socket.on('error', () => undefined);
    connection.write(preface());
    await inOrder([...headers(1).subarray(0, -1)].slice(0, 20), async (byte) => {
      connection.write(Buffer.from([byte]));
      await seconds(1);
    });
    await connection.closed();
  });

  void test('who never ends a body is told so after 15 s, and the others on its connection are served', async (t) => {
    const { dial: connected, seconds } = await startHttp2(t);
    const client = await connected();
    const stream = client.begin('x');
    const status = statusOf(stream);
    await settled();
    await seconds(8);
    stream.write('y');
    await seconds(6);
    assert.equal(stream.closed, false);
    await seconds(3);
    assert.equal(await status, 408);
    assert.equal((await client.get()).status, 200);
  });

  void test('who waits for an answer of ours is never called slow', async (t) => {
    const { dial: connected, seconds, asked, go } = await startHttp2(t);
    const client = await connected();
    const answer = client.get('/slow');
    await until('it is asked', () => asked.length === 1);
    await seconds(300);
    go();
    assert.equal((await answer).status, 200);
  });

  void test('who does not take its answer is cut off from it after 15 s', async (t) => {
    const { raw, seconds } = await startHttp2(t);
    const connection = await raw();
    const NO_WINDOW = { 4: 0 };
    connection.write(Buffer.concat([preface(NO_WINDOW), headers(1)]));
    await until('it is answered', () => has(connection, FRAME.headers));
    await seconds(18);
    await until('it is cut', () => has(connection, FRAME.reset));
    connection.socket.destroy();
  });
});
