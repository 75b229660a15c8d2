// SIGTERM: not ready at once, no request lost, exit 0, nothing left open.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, ApiServer } from '../support/apiserver-client.ts';
import { startBroker } from '../support/broker.ts';
import { HTTP_VERSIONS, type HttpVersion } from '../support/http2-client.ts';
import { movesOf } from '../support/metric-series.ts';
import { activeResources, releasedSince, until } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

/** The first two waits of a drain: still accepting, only serving what is open. */
const [ACCEPT_MS, LINGER_MS] = [5000, 5000];

async function start(t: Parameters<typeof startBroker>[0], over: HttpVersion = 'HTTP/1.1') {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
  const config = { providers: [upstreams.entries.web] };
  const broker = await startBroker(t, { ...upstreams.given, config, over });
  return { broker, web: upstreams.web };
}

/** Whether the client was told to send its next request elsewhere. */
async function isLast(client: ApiServer, { status, headers }: Answer): Promise<boolean> {
  assert.equal(status, 200);
  if (headers[':status'] === undefined) return headers.connection === 'close';
  await until('GOAWAY is there', () => client.goneAway() > 0);
  return true;
}

for (const over of HTTP_VERSIONS) {
  void test(`SIGTERM: not ready at once, and reviews over ${over} are answered while load balancers notice`, async (t) => {
    const { broker } = await start(t, over);
    broker.process.signal('SIGTERM');
    await until('it waits', () => broker.process.waits().length > 0);
    assert.deepEqual(broker.process.waits(), [ACCEPT_MS]);
    const { status, text } = await broker.get('/readyz');
    assert.equal(status, 503);
    assert.match(text, /^\[-\]shutdown failed: draining$/m);
    assert.equal((await broker.get('/livez')).status, 200, 'alive until the end');
    const client = broker.client();
    assert.equal(await isLast(client, await client.post('wanda:web-pass')), true, 'the next request goes elsewhere');
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'authenticated ok': 1 },
        cache: { miss: 1 },
        providers: { 'web authenticated ok': 1 },
        up: { web: 1 },
        entries: 1,
      }),
    );
    assert.equal(await broker.stop(), 0);
  });

  void test(`SIGTERM: the answer to a review that is under way closes its connection over ${over}, and that ends it all`, async (t) => {
    const { broker, web } = await start(t, over);
    await web.breakWith('hangs');
    const review = broker.post('wanda:web-pass');
    await until('the upstream is asked', () => web.exchanges() === 1);
    broker.process.signal('SIGTERM');
    await until('it waits', () => broker.process.waits().length > 0);
    broker.process.passWaits(ACCEPT_MS);
    await until('it waits for what is open', () => broker.process.waits().includes(LINGER_MS));
    await web.breakWith('refuses connections');
    const answer = await review;
    assert.match(answer.text, /"error":"authentication is unavailable, review /);
    assert.equal(await isLast(broker, answer), true);
    await broker.get('/livez');
    assert.equal(await broker.exitCode, 0);
    assert.deepEqual(
      broker.logged('stopped').map(({ why }) => why),
      ['SIGTERM'],
    );
  });
}

void test('SIGTERM: connections that are open may still ask, new ones are refused', async (t) => {
  const { broker } = await start(t);
  await broker.review('wanda:web-pass');
  broker.process.signal('SIGTERM');
  await until('it waits', () => broker.process.waits().length > 0);
  broker.process.passWaits(ACCEPT_MS);
  await until('it waits for what is open', () => broker.process.waits().includes(LINGER_MS));
  await assert.rejects(broker.client().review('wanda:web-pass'), { code: 'ECONNREFUSED' });
  const answer = await broker.post('wanda:web-pass');
  assert.deepEqual([answer.status, answer.headers.connection], [200, 'close']);
  await broker.get('/livez');
  assert.equal(await broker.exitCode, 0, 'it ends as soon as the last connection is gone');
});

void test('SIGTERM: who speaks HTTP/2 is told at once, and comes back only while new connections are taken', async (t) => {
  const { broker } = await start(t, 'HTTP/2');
  await broker.review('wanda:web-pass');
  broker.process.signal('SIGTERM');
  await until('GOAWAY is there', () => broker.goneAway() === 1);
  assert.equal((await broker.review('wanda:web-pass')).authenticated, true, 'over another connection');
  await until('GOAWAY is there again', () => broker.goneAway() === 2);
  broker.process.passWaits(ACCEPT_MS);
  await broker.get('/livez');
  assert.equal(await broker.exitCode, 0, 'it ends as soon as the last connection is gone');
});

void test('a second signal ends at once with 1', async (t) => {
  const { broker } = await start(t);
  broker.process.signal('SIGTERM');
  broker.process.signal('SIGTERM');
  assert.deepEqual(broker.process.exits(), [1]);
  assert.equal(await broker.stop(), 0);
});

void test('SIGINT waits for nobody to notice, and exits 0', async (t) => {
  const { broker } = await start(t);
  await broker.review('wanda:web-pass');
  broker.process.hurry();
  broker.process.signal('SIGINT');
  assert.equal(await broker.exitCode, 0);
});

void test('an error that nobody caught drains and exits 1, and its message is in no log line', async (t) => {
  const { broker } = await start(t);
  broker.process.crash(new TypeError('the request was wanda:web-pass'));
  await until('it waits', () => broker.process.waits().length > 0);
  assert.equal((await broker.client().post('wanda:web-pass')).status, 200, 'what arrives is answered');
  assert.equal(await broker.stop(), 1);
  const [line] = broker.logged('uncaught error');
  assert.deepEqual([line?.['level'], line?.['error']], ['error', 'TypeError']);
  assert.doesNotMatch(broker.process.log().join(''), /web-pass/);
});

void test('a broker that has stopped leaves no socket and no timer', async (t) => {
  const upstreams = await startUpstreams(t, {
    web: { wanda: 'web-pass' },
    directory: { dora: 'directory-pass' },
    idp: { token: { active: true, sub: '1' } },
  });
  const before = activeResources();
  const { web, directory, idp } = upstreams.entries;
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [web, directory, idp] } });
  await Promise.all(['wanda:web-pass', 'dora:directory-pass', 'token'].map((token) => broker.review(token)));
  broker.close();
  assert.equal(await broker.stop(), 0);
  await releasedSince(before);
});
