// What `login` does when it gets nothing: a broker that could not tell, options, what kubectl says, a cache open to others.

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertNoToken, credential, execInfo, type LoginWorld, loginWorld, PASSWORD, V1 } from './setup.ts';

const typed = [`${PASSWORD}\r`];

void describe('a broker that could not tell', () => {
  const rows = [
    { name: '503', given: { status: 503 }, want: /could not tell .*the broker could not tell \(503\): try again/ },
    { name: '429', given: { status: 429 }, want: /could not tell .*answered 429/ },
    { name: 'a redirect', given: { status: 307, headers: { location: '/token' } }, want: /answered 307/ },
    { name: 'a page of something else', given: { status: 200, body: '<html>' }, want: /not the portal of a broker/ },
    { name: 'no such path', given: { status: 404 }, want: /not the portal of a broker; check --server/ },
    {
      name: 'a token that fits no header',
      given: {
        status: 200,
        body: '{"token":"a b","expirationTimestamp":"2099-01-01T00:00:00Z","username":"a","groups":[]}',
      },
      want: /not the portal/,
    },
  ];
  for (const { name, given, want } of rows) {
    void test(`${name}: it says so, exits 3 and asks no second time`, async (t) => {
      const world = await loginWorld(t);
      world.portal.answerWith(given);
      const ran = await world.login({ typed: [...typed, ...typed] });
      assert.deepEqual([ran.code, ran.stdout, ran.prompts, world.portal.requests().length], [3, '', 1, 1]);
      assert.match(ran.stderr, want);
    });
  }

  void test('nobody listens', async (t) => {
    const world = await loginWorld(t);
    await world.portal.close();
    const ran = await world.login({ typed });
    assert.deepEqual([ran.code, ran.stdout], [3, '']);
    assert.match(ran.stderr, /cannot reach http:\S+: ECONNREFUSED\n$/);
  });
});

void describe('what cannot be used', () => {
  const rows = [
    { name: 'no server', given: [], want: /--server is required/ },
    { name: 'no URL', given: ['--server', 'broker'], want: /--server must be a URL/ },
    { name: 'plain http to another host', given: ['--server', 'http://broker.corp.example'], want: /must be https/ },
    { name: 'a password in the URL', given: ['--server', 'https://a:b@broker'], want: /must not have a user/ },
    { name: 'an empty name', given: ['--server', 'https://broker', '--username', ''], want: /--username is empty/ },
    {
      name: 'a lifetime without unit',
      given: ['--server', 'https://b', '--lifetime', '8'],
      want: /must be a duration/,
    },
    { name: 'no lifetime at all', given: ['--server', 'https://b', '--lifetime', '0s'], want: /must be a duration/ },
    {
      name: 'a missing authority',
      given: ['--server', 'https://b', '--ca', '/none'],
      want: /cannot read \/none: no such/,
    },
    { name: 'a password as an option', given: ['--server', 'https://b', '--password', 'x'], want: /--password/ },
  ];
  for (const { name, given: args, want } of rows) {
    void test(`${name}: one sentence and 2`, async (t) => {
      const world = await loginWorld(t);
      assertNoToken(await world.login({ typed, args }), 2, want);
    });
  }

  const infos = [
    { name: 'what is no JSON', given: '{', want: /is not an ExecCredential/ },
    { name: 'another kind', given: JSON.stringify({ kind: 'Pod', apiVersion: V1 }), want: /is not an ExecCredential/ },
    { name: 'a version that is gone', given: execInfo(true, `${V1}alpha1`), want: /must ask for apiVersion/ },
  ];
  for (const { name, given, want } of infos) {
    void test(`KUBERNETES_EXEC_INFO with ${name}: one sentence and 2`, async (t) => {
      const world = await loginWorld(t);
      assertNoToken(await world.login({ typed, execInfo: given }), 2, want);
    });
  }

  void test('a request that the broker does not take: its reason and 2', async (t) => {
    const world = await loginWorld(t);
    world.portal.answerWith({ status: 400, body: '{"error":"at most 24h\\u001b[31m"}' });
    const ran = await world.login({ typed });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /does not take the request: at most 24h\\u001b\[31m\n$/);
  });
});

async function signedIn(t: Parameters<typeof loginWorld>[0]): Promise<{ world: LoginWorld; file: string }> {
  const world = await loginWorld(t);
  await world.login({ typed });
  const [file = ''] = world.files('json');
  return { world, file };
}

void describe('the cache', () => {
  const damaged = [
    { name: 'empty', given: () => '' },
    { name: 'cut off', given: (text: string) => text.slice(0, -20) },
    { name: 'of another version', given: (text: string) => text.replace('"version":1', '"version":2') },
    { name: 'of another server', given: (text: string) => text.replace('localhost', 'elsewhere') },
    { name: 'with a token that fits no header', given: (text: string) => text.replace('issued.', 'x\\n') },
    { name: 'without an end', given: (text: string) => text.replace('"expires":"', '"expires":"never') },
  ];
  for (const { name, given } of damaged) {
    void test(`a file that is ${name} is ignored and replaced`, async (t) => {
      const { world, file } = await signedIn(t);
      writeFileSync(file, given(readFileSync(file, 'utf8')));
      const ran = await world.login({ typed });
      assert.equal(credential(ran).status.token, world.portal.standing()[1]);
      assert.equal((await world.login()).code, 0);
    });
  }

  void test('a file that others can read is not used', async (t) => {
    const { world, file } = await signedIn(t);
    chmodSync(file, 0o644);
    assertNoToken(await world.login({ typed }), 1, /open to other users \(mode 0644\).*log out/);
  });

  void test('where nothing can be written it says so before it asks, and where else it could be', async (t) => {
    const world = await loginWorld(t);
    rmSync(world.cacheHome, { recursive: true, force: true });
    writeFileSync(world.cacheHome, 'a file in the place of the folder');
    const ran = await world.login({ typed });
    assertNoToken(ran, 1, /cannot use the folder .*: ENOTDIR; set KUBECACHEDIR to a folder that you can write to\n$/);
    assert.equal(ran.prompts, 0);
  });

  void test('a folder that others can enter is not used', async (t) => {
    const { world } = await signedIn(t);
    chmodSync(world.folder, 0o755);
    assertNoToken(await world.login({ typed }), 1, /open to other users \(mode 0755\) and is not used: chmod 700/);
  });

  void test('a file of somebody else is not used', async (t) => {
    const { world } = await signedIn(t);
    assertNoToken(await world.login({ typed, machine: { uid: 4711 } }), 1, /belongs to another user/);
  });

  void test('a symbolic link is not followed, be it a file or the folder', async (t) => {
    const { world, file } = await signedIn(t);
    const elsewhere = join(world.cacheHome, 'elsewhere');
    writeFileSync(elsewhere, readFileSync(file, 'utf8'), { mode: 0o600 });
    await world.logout();
    symlinkSync(elsewhere, file);
    assertNoToken(await world.login({ typed }), 1, /it is a symbolic link, which is not followed/);
    const other = await loginWorld(t);
    mkdirSync(join(other.cacheHome, 'real'), { mode: 0o700 });
    symlinkSync(join(other.cacheHome, 'real'), other.folder);
    assertNoToken(await other.login({ typed }), 1, /a symbolic link is not followed/);
  });
});
