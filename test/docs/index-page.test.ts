// Whoever arrives finds every page from the index, and the right provider from a question.

import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { providerModules } from '../../providers/index.ts';
import { linksOf, plain, readPage, tableWith } from './markdown.ts';
import { pages } from './source-files.ts';

/** Each is one of many, which its own list names, or a form. */
const LISTED_ELSEWHERE = /^\.github\/(?:adr\/\d|ISSUE_TEMPLATE|PULL_REQUEST)/;

void describe('deploy/index.md', () => {
  void test('links to every page', () => {
    const linked = new Set(
      linksOf(readPage('deploy/index.md')).map((link) => posix.join('deploy', link.replace(/#.*$/, ''))),
    );
    const missing = pages()
      .map(({ path }) => path)
      .filter((path) => path !== 'deploy/index.md' && !LISTED_ELSEWHERE.test(path) && !linked.has(path));
    assert.deepEqual(missing, []);
  });

  void test('is linked from the first page', () =>
    assert.ok(linksOf(readPage('README.md')).includes('deploy/index.md')));
});

void describe('providers/README.md', () => {
  const page = readPage('providers/README.md');
  const types = [...providerModules.map(({ type }) => type), 'issued'].toSorted();

  void test('asks a question that leads to every type', () => {
    const asked = tableWith(page, ['question', 'yes', 'no']).rows.map((row) => linkedType(row['yes']));
    const besides = tableWith(page, ['and besides', 'take']).rows.flatMap((row) => linkedType(row['take']));
    assert.deepEqual([...asked, ...besides.filter((type) => type === 'issued')].toSorted(), types);
  });

  void test('says what each type takes, asks and gives', () => {
    const { rows } = tableWith(page, ['type', 'takes', 'asks', 'groups come from', 'a removed person is out after']);
    assert.deepEqual(rows.map((row) => plain(row['type'])).toSorted(), types);
    for (const { type, accepts } of providerModules) {
      const row = rows.find((candidate) => plain(candidate['type']) === type);
      assert.equal(/password/.test(row?.['takes'] ?? ''), accepts.includes('password'), type);
    }
  });
});

function linkedType(cell = ''): string {
  return /^\[`([\w-]+)`\]/.exec(cell)?.[1] ?? '';
}
