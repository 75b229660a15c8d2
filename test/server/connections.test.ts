// What one connection may take of a listener: time by time, one request after the other, and an end when it is told to end.

import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import type { ServerTls } from '../../src/core/listening.ts';
import { LIMITS } from '../../src/server/listener.ts';
import { settled } from '../support/fake-clock.ts';
import { type RawConnection, rawConnection } from '../support/raw-http.ts';
import { inOrder, until } from '../support/settled.ts';
import { answerOk, authority, clientAuthority, GET, serverTls, startListener } from './setup.ts';

const TRUST = { ca: authority.cert, servername: 'localhost' };
const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n';

/** Answers once the body is there, and at `/slow` when it is told to. */
function answering() {
  const slow = Promise.withResolvers<void>();
  const asked: string[] = [];
  const handler: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    request.resume().on('end', () => {
      if (request.url === '/slow') void slow.promise.then(() => answerOk(request, response));
      else answerOk(request, response);
    });
  };
  return { handler, asked, go: slow.resolve };
}

/** Connections are looked at once a second; each second passes when the test says so. */
async function start(t: TestContext, tls?: ServerTls) {
  const { handler, asked, go } = answering();
  const looks: (() => void)[] = [];
  const listener = await startListener(t, tls, handler, LIMITS, (intervalMs, look) => {
    assert.equal(intervalMs, 1000);
    looks.push(look);
    return () => undefined;
  });
  const { port } = listener.address;
  const seconds = (count: number) =>
    inOrder(Array.from({ length: count }), async () => {
      for (const look of looks) look();
      await settled();
    });
  return { listener, asked, go, seconds, dial: (more = {}) => rawConnection(port, tls && { ...TRUST, ...more }) };
}

/** Once the server has read it all. */
async function written(connection: RawConnection, text: string): Promise<void> {
  connection.write(text);
  await settled();
  await settled();
}

for (const tls of [undefined, serverTls()]) {
  void describe(`the patience of a listener, ${tls === undefined ? 'in clear' : 'over TLS'}`, () => {
    void test('a connection dialled ahead is kept for 120 s, and its first request is served', async (t) => {
      const { dial, seconds } = await start(t, tls);
      const [used, unused] = [await dial(), await dial()];
      await seconds(119);
      used.write(GET);
      assert.equal((await used.answers(1))[0]?.status, 200);
      await seconds(2);
      assert.equal(await unused.closed(), '', 'no 408 to whom nobody asked');
      assert.equal(used.socket.destroyed, false);
      used.socket.destroy();
    });

    const cut = [
      { name: 'the head of its first request', given: ['GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '], lives: 10 },
      { name: 'the head of its second request', given: [GET, 'GET / HT'], lives: 10 },
      { name: 'a body', given: [`${POST}x`], lives: 15 },
    ];
    for (const { name, given, lives } of cut) {
      void test(`who never ends ${name} is told so after ${lives} s from its first byte`, async (t) => {
        const { dial, seconds } = await start(t, tls);
        const connection = await dial();
        await seconds(60);
        await inOrder(given, async (part) => {
          await written(connection, part);
          if (part === GET) await connection.answers(1);
        });
        await seconds(lives - 1);
        assert.equal(connection.socket.destroyed, false);
        await seconds(3);
        assert.match(await connection.closed(), /HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n$/);
      });
    }

    void test('who sends a byte a second gets as much time as everybody', async (t) => {
      const { dial, seconds } = await start(t, tls);
      const connection = await dial();
      connection.socket.on('error', () => undefined);
      await inOrder('GET / HTTP/1.1'.split(''), async (byte) => {
        await written(connection, byte);
        await seconds(1);
      });
      assert.match(await connection.closed(), /^HTTP\/1\.1 408 /);
    });

    void test('who waits for an answer of ours is never called slow', async (t) => {
      const { dial, seconds, asked, go } = await start(t, tls);
      const connection = await dial();
      connection.write(GET.replace('/', '/slow'));
      await until('it is asked', () => asked.length === 1);
      await seconds(300);
      go();
      assert.equal((await connection.answers(1))[0]?.status, 200);
      connection.socket.destroy();
    });
  });
}

void describe('requests that do not wait for an answer', () => {
  void test('are answered one after the other', async (t) => {
    const { dial, asked, go } = await start(t);
    const connection = await dial();
    connection.write(['/slow', '/b', '/c'].map((path) => GET.replace('/', path)).join(''));
    await until('the first is asked', () => asked.length === 1);
    await settled();
    assert.deepEqual(asked, ['/slow']);
    go();
    assert.equal((await connection.answers(3)).length, 3);
    assert.deepEqual(asked, ['/slow', '/b', '/c']);
    connection.socket.destroy();
  });

  void test('are a hundred at most, and none warns of a leak', async (t) => {
    const warnings: Error[] = [];
    const heard = (warning: Error) => void warnings.push(warning);
    process.on('warning', heard);
    t.after(() => process.off('warning', heard));
    const { dial, asked, go } = await start(t);
    const [patient, greedy] = [await dial(), await dial()];
    const slow = GET.replace('/', '/slow');
    patient.write(slow + GET.repeat(100));
    greedy.write(slow + GET.repeat(101));
    await greedy.closed();
    go();
    assert.equal((await patient.answers(101)).length, 101);
    assert.deepEqual([asked.length, warnings], [102, []]);
    patient.socket.destroy();
  });

  void test('are not looked at behind the last answer of the connection', async (t) => {
    const { dial, asked, go, listener } = await start(t);
    const connection = await dial();
    connection.write(['/slow', '/b', '/c'].map((path) => GET.replace('/', path)).join(''));
    await until('the first is asked', () => asked.length === 1);
    listener.retire();
    go();
    assert.equal((await connection.closed()).match(/HTTP\/1\.1 200/g)?.length, 1);
    assert.deepEqual(asked, ['/slow']);
  });

  void test('are not looked at when the client itself said that it was the last', async (t) => {
    const { dial, asked } = await start(t);
    const connection = await dial();
    connection.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + GET.replace('/', '/b'));
    await connection.closed();
    assert.deepEqual(asked, ['/']);
  });
});

const mutual = (change: Partial<ServerTls> = {}) => serverTls({ clientCA: clientAuthority.cert, ...change });

void describe('another client CA', () => {
  const ours = clientAuthority.issue({ commonName: 'kube-apiserver' });
  const others = serverTls({ clientCA: authority.cert });

  void test('ends what it did not verify: with the answer that is due, or with the next one', async (t) => {
    const { listener, dial, asked, go } = await start(t, mutual());
    const [busy, kept] = [await dial(ours), await dial(ours)];
    kept.write(GET);
    await kept.answers(1);
    busy.write(GET.replace('/', '/slow'));
    await until('it is asked', () => asked.includes('/slow'));
    listener.setTls(others);
    go();
    assert.match(await busy.closed(), /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
    kept.write(GET);
    assert.match(await kept.closed(), /200 [\s\S]*200 [\s\S]*connection: close/i);
  });

  void test('ends those that ask no more within 10 s', async (t) => {
    const { listener, dial, seconds } = await start(t, mutual());
    const kept = await dial(ours);
    listener.setTls(others);
    await seconds(11);
    assert.equal(await kept.closed(), '');
  });

  void test('ends a connection whose handshake had begun before', async (t) => {
    const { listener, dial } = await start(t, mutual());
    const { socket } = await rawConnection(listener.address.port);
    await settled();
    listener.setTls(others);
    const connection = await dial({ ...ours, socket });
    connection.write(GET);
    assert.match(await connection.closed(), /connection: close/i);
  });

  const kept = [
    { name: 'the same client CA with another certificate of the server', given: mutual(), ends: false },
    { name: 'a higher TLS floor', given: mutual({ minVersion: 'TLSv1.3' }), ends: true },
  ];
  for (const { name, given, ends } of kept) {
    void test(`${name} ${ends ? 'ends them as well' : 'leaves them alone'}`, async (t) => {
      const { listener, dial } = await start(t, mutual());
      const connection = await dial(ours);
      listener.setTls(given);
      connection.write(GET);
      const [answer] = await connection.answers(1);
      assert.equal(answer?.headers.get('connection'), ends ? 'close' : 'keep-alive');
      connection.socket.destroy();
    });
  }
});
