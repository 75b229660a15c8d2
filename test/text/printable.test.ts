// Text of others cannot do anything to a terminal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepLine } from '../../src/cli/steps.ts';
import { printable } from '../../src/text/printable.ts';

const rows = [
  { name: 'ordinary text of any language', given: 'Zoë Müller 王芳 🔑', want: 'Zoë Müller 王芳 🔑' },
  { name: 'an escape sequence', given: 'a\u001b[2Jb', want: 'a\\u001b[2Jb' },
  { name: 'a new line', given: 'a\nb', want: 'a\\u000ab' },
  { name: 'a C1 control', given: '\u009b1m', want: '\\u009b1m' },
  { name: 'text that turns around', given: 'a\u202eb', want: 'a\\u202eb' },
  { name: 'a lone surrogate', given: 'a\ud800b', want: 'a\\ud800b' },
  { name: 'a tag character beyond the basic plane', given: '\u{e0041}', want: '\\udb40\\udc41' },
];

for (const { name, given, want } of rows) {
  void test(`${name} is printed as ${JSON.stringify(want)}`, () => assert.equal(printable(given), want));
}

void test('a step is one line, whatever is in it', () => {
  assert.equal(stepLine({ step: 'connect', result: 'failed', detail: 'a\nb' }), '× connect: a\\u000ab');
  assert.equal(stepLine({ step: 'connect', result: 'ok' }), '√ connect');
});
