// Every YAML block of the README and of the providers' pages loads as it stands.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blocksOf } from './markdown.ts';
import { blockFaults, configFile } from './shipped-loader.ts';
import { filesLike, pages } from './source-files.ts';

for (const page of filesLike('README.md', 'providers/*.md')) {
  const blocks = blocksOf(page).filter(({ language }) => language === 'yaml');
  void describe(page.path, () => {
    for (const { text, line } of blocks) {
      void test(`line ${line}: ${text.split('\n')[0]}`, () => assert.deepEqual(blockFaults(text), []));
    }
  });
}

void test('no example looks for the end of a name as it was typed: people type capitals', () => {
  const texts = [...pages(), { path: 'config/broker.yaml', text: configFile('broker.yaml') }];
  const found = texts.filter(({ text }) => /credential\.username\.(?:endsWith|startsWith|contains)\(/.test(text));
  assert.deepEqual(
    found.map(({ path }) => path),
    [],
    'write credential.username.lowerAscii().endsWith(…)',
  );
});
