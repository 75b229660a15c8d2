// Completion, by the shells themselves where they are there; PowerShell by the form of its script.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { run } from '../cli/setup.ts';

const rows = [
  { name: 'a command', typed: ['che'], want: 'check' },
  { name: 'the second word of a command', typed: ['issuer', 'revok'], want: 'revoke' },
  { name: 'an option', typed: ['check', '--conn'], want: '--connect' },
  { name: 'a shell', typed: ['completion', 'fi'], want: 'fish' },
  { name: 'a flag', typed: ['--ver'], want: '--version' },
];

/** Prints what the shell offers after these words. */
const shells: Readonly<Record<string, (script: string, typed: readonly string[]) => readonly string[]>> = {
  bash: (script, typed) => [
    '--norc',
    '-c',
    `${script}\nCOMP_WORDS=(kube-auth-broker ${typed.join(' ')}); COMP_CWORD=${typed.length}; _kube_auth_broker; echo "\${COMPREPLY[@]}"`,
  ],
  zsh: (script, typed) => [
    '-f',
    '-c',
    `compdef() { : }\n_files() { : }\ncompadd() { print -l -- \${(M)next:#\${words[CURRENT]}*} }\n${script}\nwords=(kube-auth-broker ${typed.join(' ')}); CURRENT=${typed.length + 1}; _kube_auth_broker`,
  ],
  fish: (script, typed) => ['--no-config', '-c', `${script}\ncomplete -C 'kube-auth-broker ${typed.join(' ')}'`],
};

for (const [shell, args] of Object.entries(shells)) {
  const missing = spawnSync(shell, ['-c', 'true']).error && `${shell} is not installed`;
  void describe(`${shell} completes`, { skip: missing ?? false }, () => {
    for (const { name, typed, want } of rows) {
      void test(name, async () => {
        const { stdout: script } = await run(['completion', shell]);
        const ran = spawnSync(shell, args(script, typed), { encoding: 'utf8' });
        assert.deepEqual([ran.stderr, ran.stdout.split('\n')[0]?.split('\t')[0]?.trim()], ['', want]);
      });
    }
  });
}

void test('PowerShell gets a table of what may follow', async () => {
  const { stdout } = await run(['completion', 'powershell']);
  assert.match(stdout, /^Register-ArgumentCompleter -Native -CommandName kube-auth-broker -ScriptBlock \{\n/);
  assert.match(stdout, /^ {4}'issuer' = @\('new-key', 'revoke'/m);
  assert.equal(stdout.split('{').length, stdout.split('}').length);
});

void test('another shell is a wrong usage', async () => {
  const { code, stderr } = await run(['completion', 'tcsh']);
  assert.deepEqual(
    [code, stderr],
    [2, 'kube-auth-broker completion: takes one of bash, zsh, fish, powershell; see --help\n'],
  );
});
