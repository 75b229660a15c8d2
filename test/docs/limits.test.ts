// How files are written: short, with a first line that says why they exist, and nothing left for later.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pages, programFiles, type SourceFile, typeScriptFiles } from './source-files.ts';

const MAX_LINES = 250;
const MEDIAN_LINES = 100;

/** At the start of a comment: in the middle of a sentence it may be a word. */
const LATER = /(?:\/\/|\/?\*|#|<!--)\s*(?:TODO|FIXME|XXX)\b/;
const MACHINE = /(?<![\w.$}-])\/(?:work|root|Users)\/[\w.]/;
const DISABLED = /(?:eslint|oxlint)-disable|@ts-(?:ignore|nocheck|expect-error)|biome[-]ignore/;
const REASON = /-disable(?:-next-line|-line)? [\w/@, -]+ -- \S|@ts-expect-error \S+ \S|biome-ignore [\w/]+: \S/;

const lines = ({ text }: SourceFile): readonly string[] => text.replace(/\n$/, '').split('\n');

/** `path:line: text` of every line that matches and is not excused. */
function found(files: readonly SourceFile[], pattern: RegExp, excuse?: RegExp): readonly string[] {
  return files.flatMap((file) =>
    lines(file).flatMap((line, index) =>
      pattern.test(line) && excuse?.test(line) !== true ? [`${file.path}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

void describe('files', () => {
  void test(`have at most ${MAX_LINES} lines`, () => {
    const long = typeScriptFiles().filter((file) => lines(file).length > MAX_LINES);
    assert.deepEqual(
      long.map((file) => `${file.path}: ${lines(file).length}`),
      [],
      'split them by what changes together',
    );
  });

  void test(`have at most ${MEDIAN_LINES} lines in the middle`, () => {
    const ofProgram = median(programFiles().map((file) => lines(file).length));
    const ofAll = median(typeScriptFiles().map((file) => lines(file).length));
    assert.ok(ofProgram <= MEDIAN_LINES && ofAll <= MEDIAN_LINES, `program ${ofProgram}, with tests ${ofAll}`);
  });

  void test('say in their first line why they exist', () => {
    const silent = typeScriptFiles().filter((file) => {
      const [first = '', second = ''] = lines(file);
      return !/^\/\/ [^\s].{15,}[.;:]$/.test(first.startsWith('#!') ? second : first);
    });
    assert.deepEqual(
      silent.map(({ path }) => path),
      [],
      'begin with one comment line, a sentence',
    );
  });

  void test('are not called utils, helpers or common', () => {
    const named = typeScriptFiles().filter(({ path }) =>
      /(?:^|[/-])(?:utils?|helpers?|common|misc)(?:[./-]|$)/.test(path),
    );
    assert.deepEqual(
      named.map(({ path }) => path),
      [],
      'name them after what they know',
    );
  });
});

void describe('no line', () => {
  void test('exports by default', () => {
    assert.deepEqual(found(typeScriptFiles(), /^export default\b/), []);
  });

  void test('leaves something for later', () => {
    assert.deepEqual(found([...typeScriptFiles(), ...pages()], LATER), [], 'do it now, or write an issue');
  });

  void test('turns a rule off without a reason', () => {
    const others = typeScriptFiles().filter(({ path }) => !import.meta.filename.endsWith(path));
    assert.deepEqual(found(others, DISABLED, REASON), [], 'write why: `-- reason`');
  });

  void test('names a folder of somebody’s machine', () => {
    assert.deepEqual(found([...typeScriptFiles(), ...pages()], MACHINE), []);
  });
});
