// Who is signed in, and until when.

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonText } from '../../../src/command/options.ts';
import { type LoginWorld, loginWorld, PASSWORD } from './setup.ts';

const typed = [`${PASSWORD}\r`];

async function json(world: LoginWorld, more: readonly string[] = ['--username', 'alice'], laterMs = 0) {
  const args = ['--server', world.portal.origin, ...more, '-o', 'json'];
  const { code, stdout, stderr } = await world.status({ args, laterMs });
  const printed: Readonly<Record<string, unknown>> = JSON.parse(stdout);
  return { code, printed, stderr };
}

void test('signed in: name, groups and end, no token', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  const { code, stdout, stderr } = await world.status();
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^Signed in to http:\S+ as demo:alice until \S+Z\.\nGroups: demo:devs\n$/);
  const { printed } = await json(world);
  const { expirationTimestamp, ...rest } = printed;
  const want = { server: world.portal.origin, state: 'signed-in', username: 'demo:alice', groups: ['demo:devs'] };
  assert.deepEqual(rest, want);
  const leftMs = Date.parse(String(expirationTimestamp)) - Date.now();
  assert.ok(leftMs > 3_590_000 && leftMs <= 3_600_000, 'the true end');
  assert.ok(!stdout.includes(world.portal.standing()[0] ?? '?'));
});

const rows = [
  {
    name: 'revoked',
    given: async (world: LoginWorld): Promise<unknown> => world.portal.revokeAll(),
    want: [1, 'refused'],
  },
  {
    name: 'unconfirmed',
    given: async (world: LoginWorld): Promise<unknown> => world.portal.answerWith({ status: 503 }),
    want: [3, 'unconfirmed'],
  },
  {
    name: 'away',
    given: async (world: LoginWorld): Promise<unknown> => world.portal.close(),
    want: [3, 'unconfirmed'],
  },
  { name: 'logged out', given: async (world: LoginWorld): Promise<unknown> => world.logout(), want: [1, 'signed-out'] },
];
for (const { name, given, want } of rows) {
  void test(`${name}: ${want.join(' ')}`, async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    await given(world);
    const { code, printed } = await json(world);
    assert.deepEqual([code, printed['state']], want);
    assert.equal((await world.status()).stdout.split('\n')[0]?.endsWith('.'), true);
  });
}

void test('expired', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  const { code, printed } = await json(world, undefined, 3_700_000);
  assert.deepEqual([code, printed['state']], [1, 'expired']);
});

void test('without --username: the name that login asked for, else the latest sign-in', async (t) => {
  const world = await loginWorld(t);
  const server = ['--server', world.portal.origin];
  await world.login({ typed });
  await world.login({ typed: ['bobs-pw\r'], args: [...server, '--username', 'bob'], laterMs: 1000 });
  assert.equal((await json(world, [])).printed['username'], 'demo:bob');
  await world.login({ typed: ['alice\r', ...typed], args: server });
  assert.equal((await json(world, [])).printed['username'], 'demo:alice');
  assert.equal((await json(world, ['--username', 'bob'])).printed['username'], 'demo:bob');
});

void test('a folder that others can enter: one sentence and 1', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  chmodSync(world.folder, 0o750);
  const { code, stdout, stderr } = await world.status();
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /open to other users \(mode 0750\)/);
});

void test('without --server it is the broker of the current context, with the options of its login', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed: [`${PASSWORD}\r`] });
  const kubeconfig = join(world.cacheHome, 'config');
  const args = ['login', '--server', world.portal.origin, '--username', 'alice'];
  const user = { exec: { command: 'kube-auth-broker', args } };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'dev',
      contexts: [{ name: 'dev', context: { user: 'me' } }],
      users: [{ name: 'me', user }],
    }),
  );
  const env = { KUBECONFIG: kubeconfig };
  const shown = await world.status({ args: [], env });
  assert.deepEqual([shown.code, shown.stderr], [0, '']);
  assert.match(shown.stdout, /as demo:alice until/);
  const other = await world.status({ args: ['--username', 'bob'], env });
  assert.equal(other.code, 1, 'what is typed counts');
  assert.equal((await world.logout({ args: [], env })).code, 0);
  assert.equal((await world.status({ args: [], env })).code, 1);
});

void test('JSON has nothing in it that could play tricks with a terminal, and reads back the same', () => {
  const value = { username: 'a\u202eb', groups: ['\u009b31m', 'jürgen'] };
  const text = jsonText(value);
  assert.doesNotMatch(text, /[\u0080-\u009f\u202e]/);
  assert.deepEqual(JSON.parse(text), value);
});
