// What the steps of all providers together come to.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding, type Probed, probedLines } from '../../../src/cli/check/probed.ts';
import type { ProbeStep } from '../../../src/core/provider.ts';

const probed = (name: string, ...steps: readonly ProbeStep[]): Probed => ({ name, type: 'fake', steps });
const good = probed('good', { step: 'connect', result: 'ok' });
const doubtful = probed('doubtful', { step: 'connect', result: 'ok' }, { step: 'entries', result: 'warning' });
const down = probed('down', { step: 'connect', result: 'failed', reason: 'connection-refused' });
const slow = probed('slow', { step: 'the rest', result: 'failed', reason: 'timeout' });
const wrong = probed('wrong', { step: 'bind', result: 'failed', reason: 'service-bind-refused' });
const unnamed = probed('unnamed', { step: 'base DN', result: 'failed' });

const rows = [
  { name: 'all good', given: [good], want: [0, '√ every upstream is as configured'] },
  { name: 'a warning', given: [good, doubtful], want: [0, '‼ every upstream answers; read the warnings of doubtful'] },
  { name: 'an outage', given: [good, down, slow], want: [3, '× unavailable: down, slow'] },
  { name: 'a mistake', given: [wrong], want: [1, '× not as configured: wrong'] },
  { name: 'a failure that names no reason', given: [unnamed], want: [1, '× not as configured: unnamed'] },
  { name: 'a mistake and an outage', given: [down, wrong], want: [1, '× not as configured: wrong; unavailable: down'] },
  { name: 'no providers', given: [], want: [0, '√ every upstream is as configured'] },
] as const;

for (const { name, given, want } of rows) {
  void test(`${name}: exit ${want[0]}`, () => {
    const { code, sentence } = finding(given);
    assert.deepEqual([code, sentence], want);
  });
}

void test('one line per step, indented below its provider', () => {
  assert.equal(probedLines(doubtful), '\ndoubtful (fake)\n  √ connect\n  ‼ entries\n');
});
