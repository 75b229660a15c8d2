// Logging out revokes and forgets, and forgets even when nobody can be told.

import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { loginWorld, PASSWORD } from './setup.ts';

const typed = [`${PASSWORD}\r`];

void test('the token is revoked at the broker and forgotten', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  for (const file of world.files('json')) copyFileSync(file, `${file}.an-interrupted-write`);
  const { code, stdout, stderr } = await world.logout();
  const want = { code: 0, stdout: 'The token of demo:alice is revoked; it is forgotten.\n', stderr: '' };
  assert.deepEqual({ code, stdout, stderr }, want);
  assert.deepEqual([world.portal.standing(), world.files('')], [[], []]);
  assert.equal((await world.login()).code, 1);
});

void test('who logs out may log in again at once', async (t) => {
  const world = await loginWorld(t);
  const machine = { parentPid: 99_999 };
  await world.login({ typed, machine });
  await world.logout({ machine });
  assert.equal((await world.login({ typed, machine })).code, 0);
});

const down = [
  { name: 'could not tell', given: { status: 503 }, want: /forgot the token of demo:alice, but .* \(503\)/ },
  { name: 'is something else', given: { status: 404 }, want: /forgot .* is not the portal of a broker/ },
];
for (const { name, given, want } of down) {
  void test(`a broker that ${name}: forgotten, said, and 3`, async (t) => {
    const world = await loginWorld(t);
    await world.login({ typed });
    world.portal.answerWith(given);
    const { code, stdout, stderr } = await world.logout();
    assert.deepEqual([code, stdout, world.files('json')], [3, '', []]);
    assert.match(stderr, want);
  });
}

void test('a broker that is away: forgotten, and until when the token is good', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  await world.portal.close();
  const { code, stderr } = await world.logout();
  assert.deepEqual([code, world.files('json')], [3, []]);
  assert.match(stderr, /^kube-auth-broker logout: .* is good until \S+Z: cannot reach http:\S+ ECONNREFUSED\n$/);
});

void test('a token that was revoked already is forgotten', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  world.portal.revokeAll();
  const { code, stdout } = await world.logout();
  assert.deepEqual([code, stdout], [0, 'The token of demo:alice was not good any more; it is forgotten.\n']);
});

void test('without --username all of the server, with it that one; of another server nothing', async (t) => {
  const [world, other] = [await loginWorld(t), await loginWorld(t)];
  const bob = ['--server', world.portal.origin, '--username', 'bob'];
  const server = ['--server', world.portal.origin];
  await world.login({ typed });
  await world.login({ typed: ['bobs-pw\r'], args: bob });
  await world.login({ typed: ['alice\r', ...typed], args: server });
  await world.login({ typed, args: ['--server', other.portal.origin, '--username', 'alice'] });
  assert.equal((await world.logout({ args: bob })).code, 0);
  assert.equal(world.portal.standing().length, 2);
  assert.equal((await world.logout({ args: server })).stdout.split('\n').length, 3);
  assert.deepEqual([world.portal.standing().length, other.portal.standing().length], [0, 1]);
});

void test('a token that others could read is revoked too', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  for (const path of [...world.files('json'), world.folder]) chmodSync(path, path === world.folder ? 0o777 : 0o644);
  assert.equal((await world.logout()).code, 0);
  assert.deepEqual(world.portal.standing(), []);
});

void test('a file that cannot be read is no sign-in', async (t) => {
  const world = await loginWorld(t);
  await world.login({ typed });
  for (const file of world.files('json')) writeFileSync(file, 'x'.repeat(2 * 1024 * 1024));
  assert.match((await world.logout()).stderr, /not signed in to http/);
});

void test('nobody signed in: said, nothing is asked of the broker', async (t) => {
  const world = await loginWorld(t);
  const { code, stderr } = await world.logout();
  assert.equal(code, 0);
  assert.match(stderr, /not signed in to http/);
  assert.deepEqual(world.portal.requests(), []);
});
