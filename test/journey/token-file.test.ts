// Tokens of a file, from the configuration to the answer: a changed file is taken over, a broken one is named and is not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBroker } from '../support/broker.ts';

const ROBOTS = { name: 'robots', type: 'token-file', options: { file: 'tokens.csv' } };
const CANARY = 'canary-token-4711';

void test('a token file that changes', async (t) => {
  const files = { 'tokens.csv': `${CANARY},ci,7,"builders,deployers"\n` };
  const broker = await startBroker(t, { files, config: { providers: [ROBOTS] } });
  assert.deepEqual((await broker.review(CANARY)).user?.groups, ['robots:builders', 'robots:deployers']);

  broker.write('tokens.csv', 'another-token-4711,ci,7\n');
  await broker.reloaded(1);
  assert.deepEqual(await broker.review(CANARY), { authenticated: false });
  assert.equal((await broker.review('another-token-4711')).user?.username, 'robots:ci');

  broker.write('tokens.csv', `${CANARY},ci\nanother-token-4711,ci,7\n`);
  await broker.reloaded(2);
  assert.equal((await broker.review('another-token-4711')).authenticated, true);
  const printed = [...broker.process.log(), broker.process.stdout(), broker.process.stderr()].join('\n');
  assert.match(printed, /tokens\.csv:1:1: a line has at least/);
  assert.doesNotMatch(printed, new RegExp(CANARY));
});
