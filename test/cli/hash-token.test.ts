// A digest that a token file takes, from a token that is never shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerYaml, folderWith, run } from './setup.ts';

const TOKEN = 'Canary-tökən-4711-0815';

void test('the digest of a piped token lets its owner in', async (t) => {
  const hashed = await run(['hash-token'], { stdin: `${TOKEN}\n` });
  assert.deepEqual([hashed.code, hashed.stderr], [0, '']);
  assert.match(hashed.stdout, /^[0-9a-f]{64}\n$/);
  const folder = folderWith(t, {
    'tokens.yaml': [{ username: 'robot', sha256: hashed.stdout.trim() }],
    'broker.yaml': brokerYaml({
      providers: [{ name: 'robots', type: 'token-file', options: { file: 'tokens.yaml' } }],
    }),
  });
  const explained = await run(['explain', '--config', `${folder}/broker.yaml`], { stdin: TOKEN });
  assert.equal(explained.code, 0, explained.stdout);
  assert.match(explained.stdout, /robots:robot/);
  assert.deepEqual([...hashed.sinks.leaksOf(TOKEN), ...explained.sinks.leaksOf(TOKEN)], []);
});

void test('a terminal is asked and shows nothing', async () => {
  const { code, stderr, sinks } = await run(['hash-token'], { typed: [`${TOKEN}\r`] });
  assert.deepEqual([code, stderr, sinks.leaksOf(TOKEN)], [0, 'Token: \n', []]);
});

void test('a short token gets a warning', async () => {
  const { code, stderr } = await run(['hash-token'], { stdin: 'hunter2' });
  assert.equal(code, 0);
  assert.match(stderr, /^warning: .*guess/);
});

const refused = [
  { name: 'no token', given: '', want: /there is no token/ },
  { name: 'a password', given: 'alice:wonderland', want: /username:password/ },
  {
    name: 'base64 of a password',
    given: Buffer.from('alice:wonderland').toString('base64'),
    want: /username:password/,
  },
  { name: 'a JWT', given: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.x', want: /a JWT/ },
  { name: 'a bootstrap token', given: 'abcdef.0123456789abcdef', want: /bootstrap-token/ },
  { name: 'what was pasted along', given: 'Bearer abcdef', want: /scheme-in-token/ },
];
for (const { name, given, want } of refused) {
  void test(`${name}: nothing is hashed, one sentence says why`, async () => {
    const { code, stdout, stderr } = await run(['hash-token'], { stdin: given });
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, want);
  });
}
