// Every section of the page on the life of an issued token is proven by a file of this folder.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { sectionsOfPage } from './sentences.ts';

void test('every section of the page is proven', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const sources = files.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'));
  const proven = sources.flatMap((source) =>
    [...source.matchAll(/^provesSection\('([^']+)'/gm)].map(([, name]) => name),
  );
  assert.deepEqual(new Set(proven), new Set(sectionsOfPage().keys()));
});
