// The page for people who use kubectl: its kubeconfig runs as it stands, its messages are the program's.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { blocksOf, readPage } from '../docs/markdown.ts';
import { programFiles } from '../docs/source-files.ts';
import { loginWorld } from './commands/setup.ts';

interface Exec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly interactiveMode: string;
}

const PAGE = readPage('deploy/kubectl-login.md');
const [whole, onWindows] = blocksOf(PAGE)
  .filter(({ language }) => language === 'yaml')
  .map(({ text }): unknown => parse(text));

void test('kubectl with the kubeconfig of the page gets as far as asking', async (t) => {
  const kubeconfig = JSON.stringify(whole);
  const exec: Exec = JSON.parse(kubeconfig).users[0].user.exec;
  const { apiVersion, command, args, interactiveMode } = exec;
  assert.deepEqual([command, args[0], interactiveMode], ['kube-auth-broker', 'login', 'IfAvailable']);
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false } });
  const { code, stderr } = await (await loginWorld(t)).login({ args: args.slice(1), execInfo: info });
  assert.equal(code, 1);
  assert.match(stderr, /not signed in to https:\/\/broker\.corp\.example, and there is no terminal/);
});

void test('the other way to start it takes the same arguments', () => {
  const shown: Pick<Exec, 'command' | 'args'> = JSON.parse(JSON.stringify(onWindows));
  const first: { readonly users: readonly { readonly user: { readonly exec: Exec } }[] } = JSON.parse(
    JSON.stringify(whole),
  );
  assert.deepEqual([shown.command, shown.args.slice(1)], ['node', first.users[0]?.user.exec.args]);
});

void describe('what goes wrong in practice is what the program says', () => {
  const table = PAGE.text.slice(PAGE.text.indexOf('## What goes wrong in practice'));
  const messages = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => message);
  const sources = programFiles()
    .filter(
      ({ path }) => path.startsWith('src/login/') || path.startsWith('src/files/') || path.startsWith('src/cli/login'),
    )
    .map(({ text }) => text)
    .join('\n');
  assert.ok(messages.length >= 10);
  for (const message of messages) void test(message, () => assert.ok(sources.includes(message)));
});
