// What tests read out of pages is what a reader sees.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anchorsOf,
  blocksOf,
  codeWords,
  linksOf,
  type Page,
  plain,
  sectionOf,
  tablesOf,
  tableWith,
} from './markdown.ts';

const page = (...lines: readonly string[]): Page => ({ path: 'page.md', text: `${lines.join('\n')}\n` });

void describe('a page', () => {
  void test('gives its blocks with language and line, those in a list without its indentation', () => {
    const given = page('text', '```sh', 'curl x', '```', '- item', '  ```yaml', '  a:', '    b: 1', '  ```');
    assert.deepEqual(blocksOf(given), [
      { language: 'sh', text: 'curl x\n', line: 2 },
      { language: 'yaml', text: 'a:\n  b: 1\n', line: 6 },
    ]);
  });

  void test('tells two blocks with the same text apart by their lines', () => {
    const given = page('```sh', 'x', '```', '', '```sh', 'x', '```');
    assert.deepEqual(
      blocksOf(given).map(({ line }) => line),
      [1, 5],
    );
  });

  void test('gives its tables, a bar in a cell included, and none from a block', () => {
    const given = page(
      '| Key | what |',
      '|---|---|',
      String.raw`| ${'`a`'} | b \| c |`,
      '',
      '```',
      '| x |',
      '|---|',
      '```',
    );
    const [table, ...others] = tablesOf(given);
    assert.deepEqual(others, []);
    assert.deepEqual(table?.head, ['key', 'what']);
    assert.deepEqual([plain(table?.rows[0]?.['key']), plain(table?.rows[0]?.['what'])], ['a', 'b | c']);
  });

  void test('gives a section up to the next heading', () => {
    const given = page('# One', 'a', '## Two', 'b', '### Three', 'c');
    assert.equal(sectionOf(given, 'Two').text, 'b\n');
  });

  void test('says what to write when a section or a table is missing', () => {
    assert.throws(() => sectionOf(page('# One'), 'Metrics'), { message: 'page.md has no section "Metrics": write it' });
    assert.throws(() => tableWith(page('| a |', '|---|'), ['name', 'type']), {
      message: 'page.md has no table with the head `| name | type |`: write it',
    });
  });

  void test('gives the anchors of its headings as GitHub makes them', () => {
    const given = page(
      '## What you see, what it means',
      '## `users` & co.',
      '## Again',
      '## Again',
      '```',
      '# no',
      '```',
    );
    assert.deepEqual([...anchorsOf(given)], ['what-you-see-what-it-means', 'users--co', 'again', 'again-1']);
  });

  void test('gives its links, and none from code', () => {
    const given = page('[a](b.md#c) ![d](e.svg "title") `[x](no.md)`', '[f]: g.md', '```', '[y](no.md)', '```');
    assert.deepEqual(linksOf(given), ['b.md#c', 'e.svg', 'g.md']);
  });

  void test('gives the words in backticks of a cell', () => {
    assert.deepEqual(codeWords('`a`, then `b c`'), ['a', 'b c']);
  });
});
