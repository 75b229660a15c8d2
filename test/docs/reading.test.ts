// How many files must be open to follow one thing from its first line to its last: the closure of what its file imports.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { programImports } from './imports.ts';

/** The first file of each way, and the most files it may lead through; types are read where they are used. */
const WAYS = [
  { name: 'one LDAP login', first: 'providers/ldap.ts', mostFiles: 40 },
  { name: 'one request to the portal', first: 'src/portal/router.ts', mostFiles: 36 },
] as const;

void describe('to follow', () => {
  for (const { name, first, mostFiles } of WAYS) {
    void test(`${name}, ${mostFiles} files are open at most`, () => {
      const open = filesBehind(first);
      assert.ok(open.size > 1, `${first} is not the first file any more`);
      assert.ok(
        open.size <= mostFiles,
        `${open.size} files: merge those that say nothing alone\n${[...open].join('\n')}`,
      );
    });
  }
});

function filesBehind(first: string): ReadonlySet<string> {
  const open = new Set([first]);
  // A set that grows while it is walked is walked to its end.
  for (const file of open) for (const { from, to } of OWN) if (from === file) open.add(to);
  return open;
}

const OWN = programImports().filter(({ isOwn, isTypeOnly, to }) => isOwn && !isTypeOnly && to.endsWith('.ts'));
