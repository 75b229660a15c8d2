// The decisions: each has a status and the parts of a decision, and the index names them all as they are.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPage, tableWith } from './markdown.ts';
import { filesLike } from './source-files.ts';

const decisions = filesLike('.github/adr/0*.md').map(({ path, text }) => ({
  name: path.split('/').at(-1) ?? '',
  text,
}));
const statusOf = (text: string): string | undefined => /^\*\*Status\.\*\* (\w+)/m.exec(text)?.[1];

void describe('the decisions', () => {
  for (const { name, text } of decisions) {
    void test(`${name} has a status, a context, a decision, consequences`, () => {
      assert.match(statusOf(text) ?? '', /^(?:Accepted|Superseded|Proposed)$/);
      for (const part of ['Context', 'Decision', 'Consequences']) assert.ok(text.includes(`**${part}.**`), part);
    });
  }

  void test('are all in the index, with title and status', () => {
    const { rows } = tableWith(readPage('.github/adr/README.md'), ['page', 'decision', 'status']);
    const written = rows.map(({ decision, status }) => [decision, status]);
    const known = decisions.map(({ text }) => [/^# \d+\. (.*)$/m.exec(text)?.[1], statusOf(text)]);
    assert.ok(known.length >= 10);
    assert.deepEqual(written, known);
  });
});
