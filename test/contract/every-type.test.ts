// Every type of provider keeps the contract: its own test opens it and calls the suite.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { providerModules } from '../../providers/index.ts';
import { ISSUED } from '../../src/settings/providers-schema.ts';
import { filesLike, type SourceFile } from '../docs/source-files.ts';

const TESTS_OF_ISSUED = filesLike('test/issuer/*.test.ts');

/** The tests of a type that open it and run it through the suite. */
function callers(type: string, tests: readonly SourceFile[]): readonly SourceFile[] {
  const opens = type === ISSUED.type ? /issuer\/issued\.ts'/ : new RegExp(`providers/${type}\\.ts'`);
  return tests.filter(({ text }) => /^\s*(?:for \(.*\) )?providerContract\(/m.test(text) && opens.test(text));
}

void describe('the contract of providers is kept by', () => {
  for (const { type } of providerModules) {
    void test(type, () => {
      const tests = filesLike(`test/providers/${type}.test.ts`, `test/providers/${type}/**/*.test.ts`);
      assert.notEqual(callers(type, tests).length, 0, `call providerContract in test/providers/${type}.test.ts`);
    });
  }
  void test(ISSUED.type, () => assert.notEqual(callers(ISSUED.type, TESTS_OF_ISSUED).length, 0));
  void test('no type whose tests only import the suite, or run it with another type', () => {
    const calls = "import { ldap } from '../../providers/ldap.ts';\nproviderContract({});\n";
    const imports = "import { users } from '../../providers/users.ts';\nimport { providerContract } from 'x';\n";
    for (const text of [calls, imports]) assert.deepEqual(callers('users', [{ path: 'x', text }]), []);
  });
});
