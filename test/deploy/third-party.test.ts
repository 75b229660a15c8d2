// The notices that travel with a bundle: every library in it, each with its license.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { BROKER, bundle } from '../../deploy/bundle.ts';
import { librariesOf, noticesOf } from '../../deploy/third-party.ts';
import { ROOT } from '../docs/markdown.ts';

/** Permissive, and compatible with Apache-2.0. */
const GOOD: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '0BSD',
]);

void describe('the libraries of the broker', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'third-party-'));
  const { inputs } = await bundle(BROKER, { folder, commit: 'test' });
  rmSync(folder, { recursive: true });
  const libraries = librariesOf(inputs, ROOT);

  void test('are found in scopes, in folders of others and in the bundled worker', () => {
    const names = new Set(libraries.map(({ name }) => name));
    for (const name of ['@marcbachmann/cel-js', 'express', 'bcryptjs']) assert.ok(names.has(name), name);
    assert.deepEqual(
      librariesOf(['src/main.ts', 'node_modules/zod/index.js', 'node_modules/zod/v4/core.js'], ROOT).map(
        ({ name }) => name,
      ),
      ['zod'],
    );
  });

  void test('have licenses that allow it, whose texts are in the notices', () => {
    assert.deepEqual(
      libraries.filter(({ license, text }) => !GOOD.has(license) || text === ''),
      [],
    );
    const notices = noticesOf(libraries);
    for (const { name, version, text } of libraries) {
      assert.ok(notices.includes(`${name} ${version} (`) && notices.includes(text.trim()), name);
    }
  });
});
