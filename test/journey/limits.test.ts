// What one review, one caller and one name may take: nobody waits for an upstream that hangs, nobody is locked out.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { tokenReview } from '../support/apiserver-client.ts';
import { authority, startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder, until } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

const GUESSES = ['1', '2', '3', '4', '5'];

void describe('limits', { concurrency: true }, () => {
  void test('two upstreams that hang: unavailable within 5 s, and they are left alone', async (t) => {
    const upstreams = await startUpstreams(t);
    const { web, directory } = upstreams.entries;
    const broker = await startBroker(t, { ...upstreams.given, config: { providers: [web, directory] } });
    await Promise.all([upstreams.web.breakWith('hangs'), upstreams.directory.breakWith('hangs')]);
    const statuses = await Promise.all(['a:1', 'b:2', 'c:3'].map((token) => broker.review(token)));
    for (const { authenticated, error } of statuses) {
      assert.equal(authenticated, false);
      assert.match(error ?? '', /^authentication is unavailable, review /);
    }
    const tookMs = broker.logged('review').map(({ durationMs }) => Number(durationMs));
    assert.deepEqual([tookMs.length, tookMs.filter((ms) => ms >= 5000)], [3, []]);
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

  void test('an upstream that fails ten times is left alone for a second, and its return is noticed at once', async (t) => {
    const { broker, web } = await startWeb(t);
    await web.breakWith('refuses connections');
    await inOrder([...GUESSES, ...GUESSES], (guess) => broker.review(`wanda:${guess}`));
    await broker.moved();
    await web.breakWith(undefined);
    assert.match((await broker.review('wanda:web-pass')).error ?? '', /unavailable/);
    assert.equal(web.exchanges(), 0, 'while the circuit is open nobody is asked');
    const circuit = 'provider_circuit_state{provider="web"}';
    const open = { reviews: { 'unavailable circuit-open': 1 }, providers: { 'web unavailable circuit-open': 1 } };
    assert.deepEqual(await broker.moved(), movesOf({ ...open, cache: { miss: 1 } }));
    broker.process.later(1000);
    assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
    const closed = { reviews: { 'authenticated ok': 1 }, providers: { 'web authenticated ok': 1 } };
    const others = { [circuit]: -2 };
    assert.deepEqual(
      await broker.moved(),
      movesOf({ ...closed, cache: { miss: 1 }, up: { web: 1 }, entries: 1, others }),
    );
  });

  void test('beyond limits.concurrentReviews new lookups are unavailable at once, remembered verdicts are served', async (t) => {
    const { broker, web } = await startWeb(t, { limits: { concurrentReviews: 1 } });
    await broker.review('wanda:web-pass');
    await web.breakWith('hangs');
    const hung = broker.review('wanda:other');
    await until('the upstream is asked', () => web.exchanges() === 2);
    await broker.moved();
    assert.match((await broker.review('wanda:third')).error ?? '', /unavailable/);
    assert.equal((await broker.review('wanda:web-pass')).authenticated, true);
    const reviews = { 'unavailable overloaded': 1, 'authenticated ok': 1 };
    assert.deepEqual(await broker.moved(), movesOf({ reviews, cache: { miss: 1, hit: 1 } }));
    await web.breakWith('refuses connections');
    assert.match((await hung).error ?? '', /unavailable/);
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

  void test('the sixth wrong password of a name is unavailable, and no directory hears of it', async (t) => {
    const { broker, binds } = await startDirectory(t);
    await inOrder(GUESSES, (guess) => broker.review(`dora:${guess}`));
    await broker.moved();
    const status = await broker.review('DORA :6');
    assert.match(status.error ?? '', /^authentication is unavailable, review [\w-]+$/);
    assert.equal(binds(), 5);
    assert.deepEqual(
      await broker.moved(),
      movesOf({
        reviews: { 'unavailable failed-password-budget': 1 },
        cache: { miss: 1 },
        providers: { 'directory unavailable failed-password-budget': 1 },
        others: { 'failed_password_blocks_total{provider="directory"}': 1 },
      }),
    );
    // The window, and at most a tenth of it.
    broker.process.later(330_000);
    assert.deepEqual(await broker.review('dora:6'), { authenticated: false }, 'after the window it is asked again');
    assert.equal(binds(), 6);
  });

  void test('whoever logged in within the hour still gets in while somebody else guesses', async (t) => {
    const { broker, binds } = await startDirectory(t);
    await broker.review('dora:right');
    await inOrder([...GUESSES, '6'], (guess) => broker.review(`dora:${guess}`));
    assert.equal(binds(), 6);
    broker.process.later(61_000);
    await broker.moved();
    assert.equal((await broker.review('dora:right')).authenticated, true);
    const moved = { reviews: { 'authenticated ok': 1 }, providers: { 'directory authenticated ok': 1 } };
    // The first verdict had expired, and left by itself.
    assert.deepEqual(await broker.moved(), movesOf({ ...moved, cache: { miss: 1 }, entries: 1 }));
  });

  void test('one wrong password is evaluated once, however many parallel reviews and spellings of the name', async (t) => {
    const { broker, binds } = await startDirectory(t);
    const names = ['dora', 'Dora', 'DORA', ' dora', 'ｄora'];
    const tokens = names.flatMap((name) => Array.from({ length: 10 }, () => `${name}:wrong`));
    const statuses = await Promise.all(tokens.map((token) => broker.review(token)));
    assert.deepEqual(new Set(statuses.map((status) => JSON.stringify(status))), new Set(['{"authenticated":false}']));
    assert.equal(binds(), 1);
  });
});

async function startDirectory(t: Parameters<typeof startBroker>[0]) {
  const upstreams = await startUpstreams(t, { directory: { dora: 'right' } });
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [upstreams.entries.directory] } });
  return { broker, binds: () => upstreams.asked().directory };
}

async function startWeb(t: Parameters<typeof startBroker>[0], config: object = {}) {
  const upstreams = await startUpstreams(t, { web: { wanda: 'web-pass' } });
  const broker = await startBroker(t, {
    ...upstreams.given,
    config: { ...config, providers: [upstreams.entries.web] },
  });
  return { broker, web: upstreams.web };
}

interface Slow {
  /** Sends the rest; resolves to the answer. */
  finish(): Promise<string>;
}

/** Sends the head of a request, and a few bytes of the body one by one. */
async function startSlowly(origin: string): Promise<Slow> {
  const socket: TLSSocket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1', ca: authority.cert });
  const body = tokenReview('wanda:web-pass');
  let text = '';
  socket.setNoDelay().setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const type = 'Content-Type: application/json';
  const head = `POST /authenticate HTTP/1.1\r\nHost: broker\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  const send = (part: string): Promise<void> => new Promise((sent) => void socket.write(part, () => sent()));
  await send(head);
  await inOrder(body.slice(0, 10).split(''), send);
  return {
    finish: async () => {
      await send(body.slice(10));
      await until('it is answered', () => text.endsWith('}'));
      socket.destroy();
      return text;
    },
  };
}
