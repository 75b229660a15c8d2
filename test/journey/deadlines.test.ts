// Every readable review is answered within 5 s, whatever upstreams and callers do.

import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import { describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { tokenReview } from '../support/apiserver-client.ts';
import { authority, startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder, until } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

void describe('the deadline', { concurrency: true }, () => {
  void test('two upstreams that hang: unavailable within 5 s, and they are left alone', async (t) => {
    const upstreams = await startUpstreams(t);
    const { web, directory } = upstreams.entries;
    const broker = await startBroker(t, { ...upstreams.given, config: { providers: [web, directory] } });
    await Promise.all([upstreams.web.breakWith('hangs'), upstreams.directory.breakWith('hangs')]);
    const startedMs = performance.now();
    const statuses = await Promise.all(['a:1', 'b:2', 'c:3'].map((token) => broker.review(token)));
    const tookMs = performance.now() - startedMs;
    for (const { authenticated, error } of statuses) {
      assert.equal(authenticated, false);
      assert.match(error ?? '', /^authentication is unavailable, review /);
    }
    assert.ok(tookMs < 5000, `took ${tookMs} ms`);
    await until('the hung connections are closed', () => upstreams.web.connections() === 0);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'unavailable timeout': 3 },
        cache: { miss: 3 },
        providers: { 'web unavailable timeout': 3, 'directory unavailable timeout': 3 },
        up: { web: 0, directory: 0 },
      }),
    );
  });

  void test('a caller that sends its body byte by byte holds up nobody, and is answered when it is done', async (t) => {
    const { broker } = await startWeb(t);
    const slow = await Promise.all(Array.from({ length: 20 }, () => startSlowly(broker.origin)));
    assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
    await inOrder(slow, async (caller) =>
      assert.match(await caller.finish(), /^HTTP\/1\.1 200 OK\r\n[^]*"authenticated":true/),
    );
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'authenticated ok': 21 },
        cache: { miss: 1, hit: 20 },
        providers: { 'web authenticated ok': 1 },
        up: { web: 1 },
        entries: 1,
      }),
    );
  });

  void test('a caller that never ends its body is cut off after 15 s', async (t) => {
    const { broker } = await startWeb(t);
    const servers = new Set<Server>();
    const seen = (message: unknown): void => void servers.add(Object(message).server);
    const requests = channel('http.server.request.start');
    requests.subscribe(seen);
    const slow = await startSlowly(broker.origin);
    await until('the request arrived', () => [...servers].some((server) => portOf(server) === portOf(broker.origin)));
    requests.unsubscribe(seen);
    const server = [...servers].find((candidate) => portOf(candidate) === portOf(broker.origin));
    assert.ok(server);
    assert.equal(server.requestTimeout, 15_000);
    assert.equal(server.headersTimeout, 10_000);
    // The limit is looked at once a second; a shorter one is as good as waiting for it.
    server.requestTimeout = 1;
    assert.match(await slow.ended, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    const moved = async () => ({ ...(await broker.moved()) });
    assert.deepEqual(await moved(), movesOf({ reviews: { 'malformed incomplete-body': 1 } }));
  });
});

async function startWeb(t: Parameters<typeof startBroker>[0]) {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [upstreams.entries.web] } });
  return { broker, web: upstreams.web };
}

interface Slow {
  /** Sends the rest; resolves to the answer. */
  finish(): Promise<string>;
  /** Everything that was answered until the connection ended. */
  readonly ended: Promise<string>;
}

/** Sends the head of a request, and a few bytes of the body one by one. */
async function startSlowly(origin: string): Promise<Slow> {
  const socket: TLSSocket = connect({ port: portOf(origin), host: '127.0.0.1', ca: authority.cert });
  const body = tokenReview('wanda:web-pass');
  let text = '';
  socket.setNoDelay().setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => void socket.once('close', () => resolve(text)));
  const type = 'Content-Type: application/json';
  const head = `POST /authenticate HTTP/1.1\r\nHost: broker\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  const send = (part: string): Promise<void> => new Promise((sent) => void socket.write(part, () => sent()));
  await send(head);
  await inOrder(body.slice(0, 10).split(''), send);
  return {
    ended,
    finish: async () => {
      await send(body.slice(10));
      await until('it is answered', () => text.endsWith('}'));
      socket.destroy();
      return text;
    },
  };
}

function portOf(where: string | Server): number {
  if (typeof where === 'string') return Number(new URL(where).port);
  const address = where.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
