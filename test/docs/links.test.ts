// Every relative link of every page leads somewhere, its anchor included.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { anchorsOf, linksOf, type Page, ROOT, readPage } from './markdown.ts';
import { pages } from './source-files.ts';

void describe('links lead somewhere', () => {
  for (const page of pages()) {
    void test(page.path, () => assert.deepEqual(deadLinks(page), []));
  }
});

void test('the changelog begins with what is not released yet', () => {
  const { text } = readPage('.github/CHANGELOG.md');
  assert.equal(/^## (.+)$/m.exec(text)?.[1], 'Unreleased');
});

function deadLinks(page: Page): readonly string[] {
  return linksOf(page).filter((link) => {
    if (/^[a-z][a-z+.-]*:/i.test(link)) return false;
    const [target = '', anchor] = decodeURI(link).split('#');
    const path = target === '' ? page.path : posix.join(posix.dirname(page.path), target);
    if (path.startsWith('..') || !existsSync(join(ROOT, path))) return true;
    return anchor !== undefined && path.endsWith('.md') && !anchorsOf(readPage(path)).has(anchor);
  });
}
