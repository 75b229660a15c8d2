// CSV as Go's encoding/csv reads it: each row was compared with Go 1.25, as were two hundred thousand random ones.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCsv } from '../../../providers/token-file/csv.ts';

const BARE = 'a quote stands in a field without quotes: put the whole field in quotes, and write this one twice';
const AFTER =
  'behind the closing quote of a field comes a comma or the end of the line; a quote within the field is written twice';
const OPEN = 'the quote that begins here is not closed';

const good: readonly { name: string; given: string; want: readonly (readonly string[])[] }[] = [
  { name: 'nothing', given: '', want: [] },
  { name: 'blank lines', given: '\n\r\n\na\n\n', want: [['a']] },
  { name: 'a line of a space', given: ' \n', want: [[' ']] },
  { name: 'no line break at the end', given: 'a,b', want: [['a', 'b']] },
  { name: 'a carriage return at the end', given: 'a,b\r', want: [['a', 'b']] },
  { name: 'two carriage returns', given: 'a\r\r\n', want: [['a\r']] },
  { name: 'empty fields', given: ',,\n', want: [['', '', '']] },
  { name: 'spaces', given: ' a , b \n', want: [[' a ', ' b ']] },
  { name: 'quotes', given: '"a","b,c",""\n', want: [['a', 'b,c', '']] },
  { name: 'doubled quotes', given: '"a""b",""""\n', want: [['a"b', '"']] },
  { name: 'line breaks in quotes', given: '"a\n\r\nb",c\nd\n', want: [['a\n\nb', 'c'], ['d']] },
  { name: 'records of many lengths', given: 'a\nb,c,d\n', want: [['a'], ['b', 'c', 'd']] },
];

const bad: readonly { name: string; given: string; want: readonly string[] }[] = [
  { name: 'a quote in a plain field', given: 'a,b"c"\n', want: [`1:4: ${BARE}`] },
  { name: 'a quote behind a space', given: 'a, "b"\n', want: [`1:4: ${BARE}`] },
  { name: 'text behind a closing quote', given: '"a" ,b\n', want: [`1:4: ${AFTER}`] },
  { name: 'a quote that is not closed', given: 'a\nb,"c\nd\n', want: [`2:3: ${OPEN}`] },
  { name: 'a quote at the very end', given: '"', want: [`1:1: ${OPEN}`] },
  { name: 'faults in several lines', given: 'x"\ngood\n"y"z\n', want: [`1:2: ${BARE}`, `3:4: ${AFTER}`] },
];

void describe('CSV with', () => {
  for (const { name, given, want } of good) {
    void test(`${name} is read`, () => {
      const { records, faults } = parseCsv(given);
      assert.deepEqual(faults, []);
      assert.deepEqual(
        records.map((record) => record.map(({ text }) => text)),
        want,
      );
    });
  }
  for (const { name, given, want } of bad) {
    void test(`${name} is refused where it stands`, () =>
      assert.deepEqual(
        parseCsv(given).faults.map(({ line, column, message }) => `${line}:${column}: ${message}`),
        want,
      ));
  }
  void test('a million fields is read in a moment', () => {
    const begunMs = performance.now();
    assert.equal(parseCsv('a,"b",c\n'.repeat(333_334)).records.length, 333_334);
    assert.ok(performance.now() - begunMs < 10_000);
  });
});
