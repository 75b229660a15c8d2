// The version, and the commit from wherever it can be had.

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import pkg from '../../package.json' with { type: 'json' };
import { run } from '../cli/setup.ts';

const ID = '0123456789abcdef0123456789abcdef01234567';
const node = process.versions.node;

const rows = [
  { name: 'a branch with a file of its own', given: { HEAD: 'ref: refs/heads/main\n', main: `${ID}\n` }, want: ID },
  {
    name: 'a packed branch',
    given: { HEAD: 'ref: refs/heads/main\n', 'packed-refs': `# pack-refs\n${ID} refs/heads/main\n` },
    want: ID,
  },
  { name: 'a detached head', given: { HEAD: `${ID}\n` }, want: ID },
  { name: 'no checkout at all', given: {}, want: 'unknown' },
  { name: 'a head that names no id', given: { HEAD: 'ref: refs/heads/main\n', main: 'nonsense' }, want: 'unknown' },
  { name: 'a head that leads elsewhere', given: { HEAD: 'ref: ../../etc/passwd', passwd: 'root' }, want: 'unknown' },
];

for (const { name, given, want } of rows) {
  void test(`version: ${name}`, async () => {
    const files: Readonly<Record<string, string | undefined>> = given;
    const readFile = (path: string): string => files[basename(path)] ?? assert.fail('no such file');
    const { code, stdout } = await run(['version', '-o', 'json'], { seams: { readFile } });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { version: pkg.version, commit: want, node });
  });
}

void test('version: one line for people', async () => {
  const { stdout } = await run(['version'], { seams: { readFile: () => assert.fail('no such file') } });
  assert.equal(stdout, `kube-auth-broker ${pkg.version}, commit unknown, Node.js ${node}\n`);
});
