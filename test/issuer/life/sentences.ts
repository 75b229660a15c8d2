// Ties the page on the life of an issued token to its tests: each sentence is the name of a test, and each test a sentence.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { authenticated } from '../../../src/core/verdict.ts';
import { CLOCK_TOLERANCE_MS } from '../../../src/issuer/claims.ts';
import { ALICE } from '../setup.ts';

export const PASSWORD = { username: 'alice', password: 'wonderland' };
export const LETS_IN = () => authenticated({ identity: { ...ALICE, extra: {} } });

/** The sentences of the page, by section. */
export function sectionsOfPage(): ReadonlyMap<string, readonly string[]> {
  const page = readFileSync(new URL('../../../providers/issued-life.md', import.meta.url), 'utf8').replaceAll("'", '’');
  const sections = page.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => [
      section.split('\n', 1)[0] ?? '',
      [...section.matchAll(/^- (.+)$/gm)].map(([, sentence = '']) => sentence),
    ]),
  );
}

/** Proves the sentences of one section, in the order in which they stand there. */
export function provesSection(name: string, proofs: Readonly<Record<string, (t: TestContext) => Promise<void>>>): void {
  void describe(name, () => {
    for (const [sentence, proof] of Object.entries(proofs)) void test(sentence, proof);
    void test('the page has these sentences and no other ones', () => {
      assert.deepEqual(sectionsOfPage().get(name), Object.keys(proofs));
    });
  });
}

/** Revokes all that alice has, as `issuer revoke --user` does on a computer with this time. */
export const everythingOf = (nowMs: number) => ({ username: ALICE.username, before: nowMs + CLOCK_TOLERANCE_MS });

/** Resolves when the process has ended, which must be well. */
export async function revokedByAnotherProcess(path: string): Promise<void> {
  const other = fork(new URL('../revoking-process.ts', import.meta.url), [path], { stdio: 'ignore' });
  assert.deepEqual(await once(other, 'exit'), [0, null]);
}
