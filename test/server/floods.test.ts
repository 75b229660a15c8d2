// One HTTP/2 connection that sends more than anybody needs: it ends or is kept small, and nobody else notices.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:http2';
import { describe, type TestContext, test } from 'node:test';
import { overHttp1, overHttp2, type Serve } from '../../src/http/incoming.ts';
import { ask } from '../support/http2-client.ts';
import { FLAG, FRAME, frame, headers, preface, rawHttp2 } from '../support/raw-http2.ts';
import { inOrder, until } from '../support/settled.ts';
import { authority, serverTls, startListener } from './setup.ts';

const TRUST = { ca: authority.cert, servername: 'localhost' };
const COUNT = 10_000;
const POST = { ':method': 'POST', ':path': '/flood', 'content-type': 'application/json' };

async function start(t: TestContext) {
  let asked = 0;
  const serve: Serve = (incoming) => {
    if (incoming.url === '/flood') asked += 1;
    incoming.readBody(100, () => incoming.answer(200, { 'Content-Type': 'text/plain' }, 'ok'));
  };
  const handlers = { http1: overHttp1(serve), http2: overHttp2(serve) };
  const { address } = await startListener(t, serverTls({ http2: true }), handlers);
  const neighbour = connect(`https://localhost:${address.port}`, TRUST);
  t.after(() => neighbour.destroy());
  return {
    port: address.port,
    asked: () => asked,
    neighbour: async () => assert.equal((await ask(neighbour, '/', { method: 'GET' })).status, 200),
  };
}

const each = (make: (index: number) => Buffer, count = COUNT): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const streamOf = (index: number): number => 2 * index + 1;
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const CANCEL = word(8);
const GOOD = headers(1, POST, FLAG.endHeaders);

interface Row {
  readonly name: string;
  /** Behind the preface. */
  readonly given: () => Buffer;
  /** Whether the connection is ended for it; otherwise it is only kept small. */
  readonly ends: boolean;
  /** Requests that are looked at. */
  readonly most: number;
}

const floods: readonly Row[] = [
  {
    name: 'requests that are taken back at once',
    given: () =>
      each((at) => Buffer.concat([headers(streamOf(at), POST), frame(FRAME.reset, 0, streamOf(at), CANCEL)])),
    ends: true,
    most: 1500,
  },
  {
    name: 'a head in ten thousand parts',
    given: () =>
      Buffer.concat([headers(1, POST, FLAG.endStream), each(() => frame(FRAME.continuation, 0, 1, new Uint8Array(1)))]),
    ends: true,
    most: 0,
  },
  {
    name: 'a head in ten thousand empty parts',
    given: () => Buffer.concat([headers(1, POST, FLAG.endStream), each(() => frame(FRAME.continuation, 0, 1))]),
    ends: true,
    most: 0,
  },
  { name: 'settings', given: () => each(() => frame(FRAME.settings)), ends: true, most: 0 },
  {
    name: 'signs of life that are asked for',
    given: () => each(() => frame(FRAME.ping, 0, 0, randomBytes(8)), 5 * COUNT),
    ends: true,
    most: 0,
  },
  {
    name: 'more and more window',
    given: () => each(() => frame(FRAME.window, 0, 0, word(1)), 5 * COUNT),
    ends: false,
    most: 0,
  },
  {
    name: 'more window than there is',
    given: () => each(() => frame(FRAME.window, 0, 0, word(2 ** 31 - 1)), 2),
    ends: true,
    most: 0,
  },
  { name: 'a window that grows by nothing', given: () => frame(FRAME.window, 0, 0, word(0)), ends: true, most: 0 },
  {
    name: 'data without any bytes',
    given: () => Buffer.concat([GOOD, each(() => frame(FRAME.data, 0, 1))]),
    ends: true,
    most: 1,
  },
  {
    name: 'ten thousand requests at once',
    given: () => each((at) => headers(streamOf(at), POST, FLAG.endHeaders)),
    ends: true,
    most: 300,
  },
  {
    name: 'priorities',
    given: () => each((at) => frame(FRAME.priority, 0, streamOf(at), Buffer.alloc(5, 1))),
    ends: false,
    most: 0,
  },
  {
    name: 'frames that nobody knows',
    given: () => each(() => frame(0xfa, 0, 0, new Uint8Array(8))),
    ends: false,
    most: 0,
  },
];

void describe('a flood of', () => {
  for (const { name, given, ends, most } of floods) {
    void test(`${name} ${ends ? 'ends its connection' : 'is survived'}, and a neighbour is served`, async (t) => {
      const { port, asked, neighbour } = await start(t);
      await neighbour();
      const connection = await rawHttp2(port, TRUST);
      // It does not read: what it is answered piles up, or not.
      connection.socket.pause();
      connection.write(Buffer.concat([preface(), given()]));
      await inOrder([1, 2, 3], neighbour);
      connection.socket.resume();
      if (ends) await connection.closed();
      assert.ok(asked() <= most, String(asked()));
      await neighbour();
      connection.socket.destroy();
    });
  }

  void test('requests whose answers are not taken keeps at most 250 of them', async (t) => {
    const { port, asked, neighbour } = await start(t);
    const connection = await rawHttp2(port, TRUST);
    const NO_WINDOW = { 4: 0 };
    const requests = each((at) => headers(streamOf(at), { ...POST }), 300);
    connection.write(Buffer.concat([preface(NO_WINDOW), requests]));
    await until('they are answered', () => asked() === 250);
    await neighbour();
    assert.equal(asked(), 250);
    connection.socket.destroy();
  });
});
