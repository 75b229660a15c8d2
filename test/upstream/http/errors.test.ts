// What broken connections are called, and that they never make a request go out twice.

import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createHttpClient } from '../../../src/upstream/http/client.ts';
import { gist, withClient } from '../../support/http-client.ts';
import { listenOn } from '../../support/listening.ts';
import { deadline } from '../../support/patience.ts';

const DEADLINE_MS = 2000;

void describe('a connection that breaks', () => {
  for (const method of ['GET', 'HEAD', 'POST'] as const) {
    void test(`never makes a ${method} go out twice, on a fresh or on a kept connection`, async (t) => {
      let requests = 0;
      const rude = createServer((socket: Socket) => {
        let ofConnection = 0;
        socket.on('error', () => undefined);
        socket.on('data', () => {
          requests += 1;
          ofConnection += 1;
          if (requests > 1 && ofConnection > 0) socket.destroy();
          else socket.write('HTTP/1.1 204 No Content\r\n\r\n');
        });
      });
      const listening = await listenOn(rude);
      t.after(() => listening.close());
      const request = {
        method,
        url: new URL(`http://localhost:${listening.port}`),
        headers: { authorization: 'Basic x' },
      };
      const broken = { kind: 'unavailable', reason: 'connection-failed' };
      await withClient({}, async (send) => {
        assert.deepEqual(gist(await send(request)), { status: 204, body: '' });
        assert.deepEqual([gist(await send(request)), requests], [broken, 2], 'kept connection');
        assert.deepEqual([gist(await send(request)), requests], [broken, 3], 'fresh connection');
      });
    });
  }

  const rows = [
    { name: 'nothing listens', given: 'http://127.0.0.1:9', want: 'connection-refused' },
    { name: 'the name does not resolve', given: 'http://nowhere.invalid', want: 'name-resolution' },
  ];
  for (const { name, given, want } of rows) {
    void test(`is told apart when ${name}`, () =>
      withClient({}, async (send) => {
        const answer = await send({ method: 'GET', url: new URL(given) });
        assert.deepEqual(gist(answer), { kind: 'unavailable', reason: want });
      }));
  }

  void test('connecting takes a second at most, the TLS handshake included', async (t) => {
    const silent = await listenOn(createServer(() => undefined));
    t.after(() => silent.close());
    await withClient({}, async (send) => {
      const url = new URL(`https://localhost:${silent.port}`);
      assert.deepEqual(await send({ method: 'GET', url }, deadline(5000)), {
        kind: 'unavailable',
        reason: 'timeout',
        detail: `UND_ERR_CONNECT_TIMEOUT at ${url.origin}`,
        cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
      });
    });
  });

  void test('a closed client is stopping', async () => {
    const client = createHttpClient();
    await client.close();
    const answer = await client.send({ method: 'GET', url: new URL('http://127.0.0.1:9') }, deadline(DEADLINE_MS));
    assert.deepEqual(gist(answer), { kind: 'unavailable', reason: 'stopping' });
  });
});
