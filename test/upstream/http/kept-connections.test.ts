// Kept connections that a firewall has forgotten: one lost request ends them all, and only what may be repeated is.

import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, type TestContext, test } from 'node:test';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../../src/upstream/http/client.ts';
import { type FakeHttp, startFakeHttp } from '../../support/fake-http.ts';
import { gist } from '../../support/http-client.ts';
import { deadline } from '../../support/patience.ts';
import { until } from '../../support/settled.ts';

const KEPT = 5;
const ANSWERED = { status: 200, body: 'fine' };

interface World {
  readonly upstream: FakeHttp;
  readonly client: HttpClient;
  readonly request: HttpRequest;
  /** From now on every connection that is open swallows what it gets, or is reset by it. */
  readonly forget: (how: 'swallows' | 'resets') => void;
}

/** Five connections, all used and idle. */
async function world(t: TestContext): Promise<World> {
  const open = new Set<ServerResponse['socket']>();
  const lost = new Set<ServerResponse['socket']>();
  const waiting: (() => void)[] = [];
  let isResetting = false;
  const upstream = await startFakeHttp({
    handler: async (_request, { socket }) => {
      if (lost.has(socket)) {
        if (isResetting) socket?.destroy();
        return 'handled';
      }
      open.add(socket);
      if (open.size < KEPT && waiting.length < KEPT - 1) await new Promise<void>((resolve) => waiting.push(resolve));
      for (const resolve of waiting) resolve();
      return ANSWERED;
    },
  });
  const client = createHttpClient();
  t.after(async () => {
    await client.close();
    await upstream.close();
  });
  const request = { method: 'POST', url: new URL(upstream.origin), body: 'x' } as const;
  await Promise.all(Array.from({ length: KEPT }, () => client.send(request, deadline(5000))));
  assert.equal(upstream.connections(), KEPT);
  // undici calls a connection free a turn after its answer was complete.
  await new Promise((resolve) => setImmediate(resolve));
  return {
    upstream,
    client,
    request,
    forget: (how) => {
      isResetting = how === 'resets';
      for (const socket of open) lost.add(socket);
    },
  };
}

const secondProof = async () => ({ headers: { 'x-proof': 'second' }, body: '' });

void describe('connections that swallow everything', () => {
  for (const how of ['swallows', 'resets'] as const) {
    void test(`cost one request that must not be repeated, and then none: ${how}`, async (t) => {
      const { upstream, client, request, forget } = await world(t);
      forget(how);
      const reason = how === 'swallows' ? 'timeout' : 'connection-failed';
      const first = await client.send(request, how === 'swallows' ? AbortSignal.timeout(50) : deadline(5000));
      assert.deepEqual(gist(first), { kind: 'unavailable', reason });
      assert.equal(upstream.exchanges(), KEPT + 1, 'sent once');
      assert.deepEqual(gist(await client.send(request, deadline(5000))), ANSWERED);
      await until('the others are closed', () => upstream.connections() <= 2);
    });

    void test(`cost no request that may be repeated: ${how}`, async (t) => {
      const { upstream, client, request, forget } = await world(t);
      forget(how);
      const answer = await client.send({ ...request, repeatAfterMs: 50 }, deadline(5000));
      assert.deepEqual(gist(answer), ANSWERED);
      assert.equal(upstream.exchanges(), KEPT + 2, 'sent twice');
    });
  }

  void test('cost a request that must not come twice another one in its place', async (t) => {
    const { upstream, client, request, forget } = await world(t);
    forget('resets');
    const answer = await client.send({ ...request, repeatAfterMs: 50, anew: secondProof }, deadline(5000));
    assert.deepEqual(gist(answer), ANSWERED);
    assert.equal(upstream.seen.at(-1)?.headers['x-proof'], 'second');
  });

  void test('are not blamed on a new connection: a request that hangs there is sent once and ends none', async (t) => {
    const upstream = await startFakeHttp({ handler: () => 'handled' });
    const client = createHttpClient();
    t.after(async () => {
      await client.close();
      await upstream.close();
    });
    const request = { method: 'GET', url: new URL(upstream.origin), repeatAfterMs: 10 } as const;
    const answer = await client.send(request, AbortSignal.timeout(100));
    assert.deepEqual(gist(answer), { kind: 'unavailable', reason: 'timeout' });
    assert.equal(upstream.exchanges(), 1);
  });

  void test('leave a request alone that is answered on another connection at the same time', async (t) => {
    const { client, request, forget } = await world(t);
    forget('swallows');
    const lost = client.send(request, AbortSignal.timeout(50));
    const others = Array.from({ length: 3 }, () => client.send({ ...request, repeatAfterMs: 100 }, deadline(5000)));
    assert.deepEqual(gist(await lost), { kind: 'unavailable', reason: 'timeout' });
    for (const answer of await Promise.all(others)) assert.deepEqual(gist(answer), ANSWERED);
  });
});
