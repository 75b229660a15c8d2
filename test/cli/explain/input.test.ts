// What `explain` takes: tokens and passwords from a terminal or a pipe, and what it refuses before asking anybody.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../setup.ts';
import { configFor, MAPPED, PASSWORD, TOKEN, upstream, WELCOME, web } from './setup.ts';

const inputs = [
  { name: 'a password is read from the terminal without showing it', given: { typed: [`${PASSWORD}\r`] }, code: 0 },
  { name: 'a password is read from standard input when it is no terminal', given: { stdin: `${PASSWORD}\n` }, code: 0 },
];

for (const { name, given, code } of inputs) {
  void test(`--username: ${name}`, async (t) => {
    const config = configFor(t, [web(await upstream(t, WELCOME), MAPPED)]);
    const ran = await run(['explain', '--config', config, '--username', 'alice'], given);
    assert.equal(ran.code, code, ran.stderr);
    assert.deepEqual(ran.sinks.leaksOf(PASSWORD), []);
  });
}

void test('a token is read from the terminal without showing it', async (t) => {
  const config = configFor(t, [web(await upstream(t, WELCOME), MAPPED)]);
  const { code, stderr, sinks } = await run(['explain', '--config', config], { typed: [`${TOKEN}\r`] });
  assert.equal(code, 0);
  assert.match(stderr, /Token: \n$/);
  assert.deepEqual(sinks.leaksOf(PASSWORD), []);
});

const usages = [
  {
    name: 'no password',
    argv: ['--username', 'alice'],
    want: 'there is no password: type it on a terminal, or pipe it in',
  },
  {
    name: 'a colon in the name',
    argv: ['--username', 'a:b'],
    want: '--username has a colon: a token is cut at its first colon',
  },
  { name: 'an empty name', argv: ['--username', ''], want: '--username is empty' },
];

for (const { name, argv, want } of usages) {
  void test(`--username: ${name} is a wrong usage`, async (t) => {
    const http = await upstream(t, WELCOME);
    const { code, stdout, stderr } = await run(['explain', '--config', configFor(t, [web(http)]), ...argv]);
    assert.deepEqual([code, stdout, stderr.split('\n').at(-2)], [2, '', `kube-auth-broker explain: ${want}`]);
    assert.equal(http.exchanges(), 0);
  });
}

const forms = [
  { name: 'an empty token', given: '', want: 'empty-token' },
  { name: 'an empty password', given: 'alice:', want: 'empty-password' },
  { name: 'a bootstrap token', given: 'abcdef.0123456789abcdef', want: 'bootstrap-token' },
];

for (const { name, given, want } of forms) {
  void test(`${name} is refused by its form; nobody is asked`, async (t) => {
    const http = await upstream(t, WELCOME);
    const { code, stdout } = await run(['explain', '--config', configFor(t, [web(http)])], { stdin: given });
    assert.equal(code, 1);
    assert.match(stdout, new RegExp(`× rejected: ${want}\\n {2}meaning`));
    assert.match(stdout, /for at most 2m \(0s here/);
    assert.equal(http.exchanges(), 0);
  });
}
