// What one HTTP/2 connection may send: as much as an HTTP/1.1 connection, and sound messages alone.

import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { ask } from '../support/http2-client.ts';
import { FRAME, frame, headers, preface } from '../support/raw-http2.ts';
import { until } from '../support/settled.ts';
import { startHttp2 } from './http2-setup.ts';

const large = (bytes: number) => ({ 'x-large': 'x'.repeat(bytes) });

void describe('the bounds of a connection', () => {
  void test('16 KiB of headers are refused', async (t) => {
    const { dial: connected } = await startHttp2(t);
    const { session } = await connected();
    assert.equal((await ask(session, '/', { headers: large(15_000), body: '' })).status, 200);
    const { status, text: line } = await ask(session, '/', { headers: large(17_000), body: '' });
    assert.deepEqual([status, line], [431, 'The headers are too large.\n']);
    await assert.rejects(ask(session, '/', { headers: large(65_500), body: '' }));
  });

  void test('250 requests at once, and the next one is refused so that it may be sent again', async (t) => {
    const { raw, asked, go } = await startHttp2(t);
    const connection = await raw();
    const slow = Array.from({ length: 251 }, (_, index) => headers(2 * index + 1, { ':path': '/slow' }));
    connection.write(Buffer.concat([preface(), ...slow]));
    const refused = () => connection.frames().filter(({ type }) => type === FRAME.reset);
    await until('one is refused', () => refused().length === 1);
    assert.deepEqual([refused()[0]?.stream, refused()[0]?.payload.readUInt32BE()], [501, 7]);
    assert.equal(asked.length, 250);
    go();
    const answered = () => connection.frames().filter(({ type, flags }) => type === FRAME.data && flags === 1);
    await until('the others are answered', () => answered().length === 250);
    connection.socket.destroy();
  });

  void test('a request taken back in the middle of its body is none', async (t) => {
    const { dial: connected, asked } = await startHttp2(t);
    const client = await connected();
    const stream = client.begin('x');
    await until('it is asked', () => asked.length === 1);
    stream.close(8);
    assert.equal((await client.get()).status, 200);
  });
});

void describe('messages that are not sound', () => {
  const post = { ':method': 'POST', ':path': '/' };
  const wrong = [
    { name: 'no host', given: { ':authority': undefined }, want: undefined },
    { name: 'an empty host', given: { ':authority': '' }, want: undefined },
    { name: 'another host than the authority', given: { host: 'b' }, want: 400 },
    { name: 'an expectation that nobody has', given: { ...post, expect: 'miracles' }, want: 417 },
    { name: 'a field of HTTP/1 connections', given: { connection: 'close' }, want: undefined },
    { name: 'a transfer coding', given: { ...post, 'transfer-encoding': 'chunked' }, want: undefined },
    { name: 'a name in capitals', given: { 'X-A': '1' }, want: undefined },
    { name: 'a body shorter than it says', given: { ...post, 'content-length': '5' }, want: undefined },
    { name: 'a length that is none', given: { ...post, 'content-length': '+5' }, want: undefined },
    { name: 'an unknown field with a colon', given: { ':x': '1' }, want: undefined },
  ];
  for (const { name, given, want } of wrong) {
    void test(`${name} is ${want ?? 'no request'}, and the next request is served`, async (t) => {
      const { raw, asked } = await startHttp2(t);
      const connection = await raw();
      connection.write(Buffer.concat([preface(), headers(1, given), headers(3)]));
      const ends = () => connection.frames().filter(({ type, stream }) => stream > 0 && type !== FRAME.window);
      await until('both have ended', () => new Set(ends().map(({ stream }) => stream)).size === 2);
      await until('the second is answered', () => ends().some(({ stream, flags }) => stream === 3 && flags === 1));
      const first = ends().find(({ stream }) => stream === 1);
      assert.equal(first?.type, want === undefined ? FRAME.reset : FRAME.headers);
      assert.deepEqual(asked, ['/']);
      connection.socket.destroy();
    });
  }

  const fatal = [
    { name: 'HTTP/1.1', given: Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n') },
    { name: 'a frame on a stream that was never opened', given: Buffer.concat([preface(), frame(FRAME.data, 0, 1)]) },
    {
      name: 'a frame beyond 16 KiB',
      given: Buffer.concat([preface(), frame(FRAME.headers, 4, 1, new Uint8Array(17_000))]),
    },
    {
      name: 'a field block that is none',
      given: Buffer.concat([preface(), frame(FRAME.headers, 5, 1, Buffer.alloc(9, 0xff))]),
    },
    { name: 'an even stream', given: Buffer.concat([preface(), headers(2)]) },
  ];
  for (const { name, given } of fatal) {
    void test(`${name} ends the connection`, async (t) => {
      const { raw, dial: connected } = await startHttp2(t);
      const connection = await raw();
      connection.write(given);
      await connection.closed();
      assert.equal((await (await connected()).get()).status, 200);
    });
  }

  void test('a HEAD has the headers of its answer alone', async (t) => {
    const { dial: connected } = await startHttp2(t);
    const { session } = await connected();
    const { headers: fields, text: body } = await ask(session, '/', { method: 'HEAD' });
    assert.deepEqual([fields['content-length'], body], ['8', '']);
  });

  void test('who expects 100 Continue hears it', async (t) => {
    const { dial: connected } = await startHttp2(t);
    const { session } = await connected();
    const stream = session.request({ ':method': 'POST', ':path': '/', expect: '100-continue' });
    await new Promise<void>((resolve) => void stream.once('continue', resolve));
    stream.end('x');
    assert.equal(await text(stream), 'complete');
  });
});
