// The claims: an id is the subject, whatever the login is by now.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { json, reviewAt, startForge, told } from './setup.ts';

const claims: readonly { name: string; given: object; want: object }[] = [
  {
    name: 'an id that is a number',
    given: { id: 583_231, login: 'octocat' },
    want: { subject: '583231', username: 'octocat' },
  },
  {
    name: 'the same id after a renaming',
    given: { id: 583_231, login: 'monalisa' },
    want: { subject: '583231', username: 'monalisa' },
  },
  {
    name: 'sub',
    given: { sub: 's-1', id: 2, preferred_username: 'alice' },
    want: { subject: 's-1', username: 'alice' },
  },
  { name: 'an id alone', given: { id: 7 }, want: { subject: '7', username: '7' } },
  { name: 'a name alone', given: { username: 'alice' }, want: { subject: 'alice', username: 'alice' } },
  {
    name: 'members with every name',
    given: { id: 7, ['__proto__x']: 1, constructor: 'c', toString: 't' },
    want: { subject: '7', constructor: 'c', toString: 't' },
  },
];
void describe('the claims of', () => {
  for (const { name, given, want } of claims) {
    void test(name, async (t) => {
      const forge = await startForge(t, { '/user': json(given) });
      const verdict = await reviewAt(forge);
      assert.ok(verdict.kind === 'authenticated', told(verdict));
      const { attributes } = verdict.value;
      assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, attributes[key]])), want);
      assert.equal(Object.getPrototypeOf(attributes), null);
      assert.equal(JSON.stringify(attributes['user']), JSON.stringify(given));
    });
  }
});
