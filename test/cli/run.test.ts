// The list of commands, their help, and what happens when a command is misspelt.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/run.ts';
import { run } from './setup.ts';

const OVERVIEW = `The token webhook of kube-apiserver.

Usage: kube-auth-broker COMMAND [options]

  serve                                run the broker
  check                                check a configuration, and with --connect its upstreams
  explain                              answer one token and tell every step
  verify                               check on a node that kube-apiserver can use its webhook kubeconfig
  kubeconfig webhook                   print the kubeconfig with which kube-apiserver calls the broker
  import authentication-configuration  print the configuration that does what kube-apiserver's file does
  hash-password                        make the hash of a password for a users file
  hash-token                           make the digest of a token for a token file
  issuer new-key                       make a key for issued tokens
  issuer revoke                        revoke issued tokens, by jti or by user
  issuer revocations                   look at the file of revocations; accept it when it has lost entries
  login                                sign in at the broker: the credential plugin of kubectl
  logout                               revoke and forget the token that login keeps
  status                               say who is signed in for kubectl, and until when
  completion                           print the completion script of a shell
  version                              print version, commit and Node.js version

kube-auth-broker COMMAND --help tells more.
`;

const rows = [
  { name: 'help is a result', given: ['--help'], want: { code: 0, stdout: OVERVIEW, stderr: '' } },
  { name: 'help is a word too', given: ['help'], want: { code: 0, stdout: OVERVIEW, stderr: '' } },
  { name: 'no command is a wrong usage', given: [], want: { code: 2, stdout: '', stderr: OVERVIEW } },
  {
    name: 'a misspelt command is guessed',
    given: ['chekc'],
    want: {
      code: 2,
      stdout: '',
      stderr: 'kube-auth-broker: there is no command "chekc" (did you mean "check"?); see --help\n',
    },
  },
  {
    name: 'the second word of a command is guessed too',
    given: ['kubeconfig', 'webhok'],
    want: {
      code: 2,
      stdout: '',
      stderr:
        'kube-auth-broker: there is no command "kubeconfig webhok" (did you mean "kubeconfig webhook"?); see --help\n',
    },
  },
  {
    name: 'an unknown option is named',
    given: ['version', '--verbose'],
    want: { code: 2, stdout: '', stderr: "kube-auth-broker version: Unknown option '--verbose'; see --help\n" },
  },
  {
    name: 'an unknown option is guessed',
    given: ['check', '--confg', 'a.yaml'],
    want: {
      code: 2,
      stdout: '',
      stderr: `kube-auth-broker check: Unknown option '--confg' (did you mean "--config"?); see --help\n`,
    },
  },
  {
    name: 'so is one in place of a command',
    given: ['--verison'],
    want: {
      code: 2,
      stdout: '',
      stderr: 'kube-auth-broker: there is no command "--verison" (did you mean "--version"?); see --help\n',
    },
  },
  {
    name: 'an option that takes one value is not taken twice',
    given: ['check', '--config', 'a.yaml', '--config=b.yaml'],
    want: {
      code: 2,
      stdout: '',
      stderr: 'kube-auth-broker check: --config is given twice, and only one can count; see --help\n',
    },
  },
  {
    name: 'nor under its short name',
    given: ['check', '-o', 'json', '--config', 'a.yaml', '-ojson'],
    want: {
      code: 2,
      stdout: '',
      stderr: 'kube-auth-broker check: -o is given twice, and only one can count; see --help\n',
    },
  },
  {
    name: 'a missing option is named',
    given: ['check'],
    want: { code: 2, stdout: '', stderr: 'kube-auth-broker check: --config is required; see --help\n' },
  },
  {
    name: 'an unknown output format is guessed',
    given: ['version', '-o', 'jsn'],
    want: {
      code: 2,
      stdout: '',
      stderr: 'kube-auth-broker version: -o takes text, json (did you mean "json"?); see --help\n',
    },
  },
  {
    name: 'an argument that could be a token is not quoted',
    given: ['explain', 'Canary-token-1234'],
    want: { code: 2, stdout: '', stderr: 'kube-auth-broker explain: there is an argument too many; see --help\n' },
  },
];

for (const { name, given, want } of rows) {
  void test(name, async () => {
    const { code, stdout, stderr } = await run(given);
    assert.deepEqual({ code, stdout, stderr }, want);
  });
}

void test('the first word of a command of two lists those that begin so', async () => {
  const { code, stdout } = await run(['kubeconfig', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /kubeconfig webhook {2}print/);
  assert.doesNotMatch(stdout, /^  serve/m);
});

for (const command of COMMANDS) {
  void test(`${command.name} --help says how it is called and what its options do`, async () => {
    const { code, stdout, stderr } = await run([...command.name.split(' '), '--help']);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: command.help, stderr: '' });
    assert.match(stdout, new RegExp(`^Usage: kube-auth-broker ${command.name}`, 'm'));
    assert.ok(stdout.endsWith('\n') && !stdout.endsWith('\n\n'));
    const wide = stdout.split('\n').filter((line) => line.length > 125);
    assert.deepEqual(wide, [], 'lines fit a terminal');
    const usage = stdout.slice(stdout.indexOf('Usage:'), stdout.indexOf('\n\n', stdout.indexOf('Usage:')));
    for (const [option] of usage.matchAll(/--[a-z-]+/g)) {
      assert.match(
        stdout,
        new RegExp(`^  (?:-o, )?${option === '-o' ? '--output' : option}`, 'm'),
        `${option} is explained`,
      );
    }
  });
}
