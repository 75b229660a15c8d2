// A hash that the users provider takes, from a password that is never shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokerYaml, folderWith, run } from './setup.ts';

const PASSWORD = 'Canary-pässword-1';

void test('the hash of a piped password lets its owner in', async (t) => {
  const hashed = await run(['hash-password'], { stdin: `${PASSWORD}\n` });
  assert.equal(hashed.code, 0);
  assert.match(hashed.stdout, /^\$argon2id\$[^\n]+\n$/);
  const folder = folderWith(t, {
    'users.yaml': [{ username: 'alice', passwordHash: hashed.stdout.trim() }],
    'broker.yaml': brokerYaml({ providers: [{ name: 'demo', type: 'users', options: { file: 'users.yaml' } }] }),
  });
  const explained = await run(['explain', '--config', `${folder}/broker.yaml`, '--username', 'alice'], {
    stdin: PASSWORD,
  });
  assert.equal(explained.code, 0, explained.stdout);
  assert.deepEqual([...hashed.sinks.leaksOf(PASSWORD), ...explained.sinks.leaksOf(PASSWORD)], []);
});

void test('a terminal is asked twice and shows nothing', async () => {
  const { code, stdout, stderr, sinks, raw } = await run(['hash-password'], {
    typed: [`${PASSWORD}\r`, `${PASSWORD}\r`],
  });
  assert.equal(code, 0);
  assert.match(stdout, /^\$argon2id\$/);
  assert.equal(stderr, 'Password: \nThe same again: \n');
  assert.equal(raw, false);
  assert.deepEqual(sinks.leaksOf(PASSWORD), []);
});

void test('Ctrl-C at a prompt ends it as shells tell an interruption', async () => {
  const { code, stdout, stderr, raw } = await run(['hash-password'], { typed: ['half\u0003'] });
  assert.deepEqual({ code, stdout, stderr, raw }, { code: 130, stdout: '', stderr: 'Password: \n', raw: false });
});

const refused = [
  { name: 'two different passwords', given: { typed: ['one-word\r', 'another\r'] }, want: /the two passwords differ/ },
  { name: 'no password', given: { stdin: '' }, want: /there is no password/ },
  { name: 'a blank password', given: { stdin: '  \n' }, want: /the password is blank/ },
  { name: 'a NUL', given: { stdin: 'a\0b' }, want: /has a NUL/ },
  { name: 'more than 1024 bytes', given: { stdin: 'ü'.repeat(513) }, want: /longer than 1024 bytes/ },
  { name: 'two lines', given: { stdin: 'one\ntwo' }, want: /more than one line/ },
  { name: 'an argument', given: { stdin: 'x' }, argv: ['secret'], want: /an argument too many/ },
];

for (const { name, given, argv = [], want } of refused) {
  void test(`${name}: nothing is hashed, one sentence says why`, async () => {
    const { code, stdout, stderr } = await run(['hash-password', ...argv], given);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    assert.match(stderr, want);
  });
}
