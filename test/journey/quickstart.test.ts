// The first thing that a newcomer runs: config/quickstart.yaml, and the command that it prints.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { movesOf } from '../support/metric-series.ts';
import { inOrder } from '../support/settled.ts';
import { startQuickstart } from './shipped-config.ts';

const rows = [
  { token: 'alice:wonderland', want: { username: 'demo:alice', groups: ['demo:developers'] } },
  { token: 'bob:builder', want: { username: 'demo:bob', groups: ['demo:operators'] } },
  { token: 'alice:builder', want: undefined },
  { token: 'eve:wonderland', want: undefined },
];

void test('the people of the quickstart log in, and nobody else', async (t) => {
  const broker = await startQuickstart(t);
  await inOrder(rows, async ({ token, want }) => {
    const { authenticated, user } = await broker.review(token);
    assert.equal(authenticated, want !== undefined, token);
    assert.deepEqual(user && { username: user.username, groups: user.groups }, want);
  });
  assert.deepEqual(
    await broker.moved(),
    movesOf({
      reviews: { 'authenticated ok': 2, 'rejected wrong-password': 1, 'rejected unknown-user': 1 },
      cache: { miss: 4 },
      providers: { 'demo authenticated ok': 2, 'demo rejected wrong-password': 1, 'demo abstained unknown-user': 1 },
      up: { demo: 1 },
      entries: 4,
    }),
  );
});

void test('the command that is printed works as it stands', async (t) => {
  const broker = await startQuickstart(t);
  const printed = broker.process.stderr();
  const [, type = '', body = '', url = ''] = /curl -s -H '(.*?)' -d '(.*?)' (\S+)/.exec(printed) ?? [];
  const [name = '', value = ''] = type.split(': ');
  const answer = await fetch(url, { method: 'POST', headers: { [name]: value }, body });
  assert.match(await answer.text(), /"authenticated":true,"user":\{"username":"demo:alice"/);
  const [, metrics = '', readiness = ''] = /Metrics and health: (\S+) and (\S+)/.exec(printed) ?? [];
  assert.match(await (await fetch(metrics)).text(), /^authbroker_token_reviews_total\{.*\} 1$/m);
  assert.match(await (await fetch(readiness)).text(), /readyz check passed/);
});

void test('nothing about it is doubtful: no warning', async (t) => {
  const broker = await startQuickstart(t);
  assert.deepEqual(broker.logged('configuration warning'), []);
});
