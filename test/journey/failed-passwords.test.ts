// A guesser, or a stale password in a loop, never locks the owner of an account out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../support/broker.ts';
import { movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startUpstreams } from './upstreams.ts';

const GUESSES = ['1', '2', '3', '4', '5'];

async function startDirectory(t: Parameters<typeof startBroker>[0]) {
  const upstreams = await startUpstreams(t, { directory: { dora: 'right' } });
  const broker = await startBroker(t, { ...upstreams.given, config: { providers: [upstreams.entries.directory] } });
  return { broker, binds: () => upstreams.asked().directory };
}

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
  assert.deepEqual(await broker.moved(), movesOf({ ...moved, cache: { miss: 1 } }));
});

void test('one wrong password is evaluated once, however many parallel reviews and spellings of the name', async (t) => {
  const { broker, binds } = await startDirectory(t);
  const names = ['dora', 'Dora', 'DORA', ' dora', 'ｄora'];
  const tokens = names.flatMap((name) => Array.from({ length: 10 }, () => `${name}:wrong`));
  const statuses = await Promise.all(tokens.map((token) => broker.review(token)));
  assert.deepEqual(new Set(statuses.map((status) => JSON.stringify(status))), new Set(['{"authenticated":false}']));
  assert.equal(binds(), 1);
});
