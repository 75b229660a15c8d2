// What keeps a wrong Node.js out of the single executables: downloads that were cut, and platforms that do not exist.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { buildExecutables, platformsNamed } from '../../../deploy/release/executables.ts';
import { NODE_VERSION, PLATFORMS } from '../../../deploy/release/platforms.ts';

const folder = mkdtempSync(join(tmpdir(), 'cut-'));
after(() => rmSync(folder, { recursive: true }));

void describe('a Node.js of another platform', () => {
  void test('that was cut on its way is named, removed, and put into nothing', async () => {
    const cache = join(folder, 'cache');
    mkdirSync(cache);
    const downloads = PLATFORMS.map(({ node }) => join(cache, `${node.package}-${NODE_VERSION}.tgz`));
    for (const file of downloads) writeFileSync(file, 'half of a download');
    const settings = { platforms: PLATFORMS, folder: join(folder, 'executables'), cache, commit: 'unknown' };
    await assert.rejects(buildExecutables(settings), /^Error: node-\S+@\S+ is not what platforms\.ts says: sha512-/);
    assert.equal(downloads.filter((file) => existsSync(file)).length, downloads.length - 1);
    assert.ok(!existsSync(settings.folder));
  });

  void test('that does not exist is named', () => {
    assert.throws(() => platformsNamed(['linux-x64', 'plan9-mips']), /^Error: no such platform: plan9-mips$/);
    assert.deepEqual(platformsNamed([]), PLATFORMS);
  });
});
