// The page's command for Linux takes a token as long as the broker takes one, in each shell that people use.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from '../rig/command.ts';
import { findServer, requireServer } from '../rig/installed.ts';
import { ALICE, startPortal } from './portal.ts';

const PTY = fileURLToPath(new URL('../apiserver/login-plugin-pty.py', import.meta.url));
const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};
const LONGEST = 16 * 1024;

void describe('a token as long as the broker takes one, pasted', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    void test(`in ${shell}`, { skip: requireServer(shell, [shell]) }, async (t) => {
      const { url } = await startPortal(t);
      const body = new URLSearchParams({ ...ALICE, lifetime: '1h' });
      const html = await (await fetch(url, { method: 'POST', body })).text();
      const [, written = ''] = /<code id="linux-1">(.*?)<\/code>/s.exec(html) ?? [];
      const command = written.replaceAll(/&[^;]+;/g, (entity) => ENTITIES[entity] ?? entity);
      const folder = mkdtempSync(join(tmpdir(), 'paste-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const given = join(folder, 'given');
      program(join(folder, 'kubectl'), `for word; do last=$word; done; printf %s "$last" > ${given}`);
      // A person pastes when the command waits; here it says so.
      program(join(folder, 'stty'), `${findServer(['stty'])} "$@"; [ "$1" != -icanon ] || printf 'waits' > /dev/tty`);
      const token = 'eyJ'.padEnd(LONGEST, 'abcdefghij._-');
      const input = JSON.stringify({
        commands: [[shell, '-c', command]],
        replies: [['waits', `${token}\r`]],
        timeoutS: 60,
      });
      const env = { ...process.env, HOME: folder, PATH: `${folder}${delimiter}${process.env['PATH']}` };
      const { stdout, stderr } = await run('python3', [PTY], { env, input, timeoutMs: 60_000 });
      const { results, terminal }: { results: { status: number }[]; terminal: string } = JSON.parse(stdout || '{}');
      assert.equal(results?.[0]?.status, 0, `${stderr}${terminal}`);
      assert.equal(readFileSync(given, 'utf8'), token);
      assert.ok(!terminal.includes(token.slice(0, 20)), 'and the terminal does not show it');
    });
  }
});

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
