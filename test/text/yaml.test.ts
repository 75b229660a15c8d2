// YAML as data: what is refused, where each value stands, and that no fault quotes the file.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseYaml } from '../../src/text/yaml.ts';

const TEXT = `a: 1
b:
  c: [x, { d: y }]
  "e f": |
    text
list:
  - name: one
  - two
`;

void describe('positions', () => {
  const document = parseYaml(TEXT);
  const at = (path: (string | number)[], onKey?: true) => {
    const { line, column } = document.position({ path, ...(onKey && { onKey }) });
    return `${line}:${column}`;
  };
  const rows: { name: string; given: [(string | number)[], true?]; want: string }[] = [
    { name: 'a scalar stands where it stands', given: [['a']], want: '1:4' },
    { name: 'a key, where the key is meant', given: [['a'], true], want: '1:1' },
    { name: 'a map is where its key is', given: [['b']], want: '2:1' },
    { name: 'in a flow list', given: [['b', 'c', 0]], want: '3:7' },
    { name: 'in a flow map', given: [['b', 'c', 1, 'd']], want: '3:15' },
    { name: 'a quoted key', given: [['b', 'e f'], true], want: '4:3' },
    { name: 'an item of a list', given: [['list', 1]], want: '8:5' },
    { name: 'a key of an item', given: [['list', 0, 'name']], want: '7:11' },
    { name: 'what is missing is where it should have been', given: [['b', 'missing', 'deep']], want: '2:1' },
    { name: 'what is missing in an item', given: [['list', 0, 'missing']], want: '7:5' },
    { name: 'the document', given: [[]], want: '1:1' },
    { name: 'what is missing in the document', given: [['missing']], want: '1:1' },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.equal(at(...given), want));

  void test('Windows line ends and a byte-order mark change no line', () => {
    const windows = parseYaml(`\ufeff${TEXT.replaceAll('\n', '\r\n')}`);
    assert.deepEqual(windows.position({ path: ['list', 1] }), { line: 8, column: 5 });
  });
  void test('an empty document has a place, too', () => {
    assert.deepEqual(parseYaml('').position({ path: ['a'] }), { line: 1, column: 1 });
    assert.equal(parseYaml('').data, null);
  });
});

const faultsOf = (text: string) =>
  parseYaml(text).faults.map(({ line, column, message }) => `${line}:${column}: ${message}`);

void describe('refused', () => {
  const TAB = 'is indented with a tab: YAML takes spaces only';
  const rows: { name: string; given: string; want: (string | RegExp)[] }[] = [
    { name: 'an alias without an anchor', given: 'a: 1\nb: *x\n', want: ['2:4: there is no anchor for this alias'] },
    { name: 'an alias before its anchor', given: 'a: *x\nb: &x 1', want: ['1:4: there is no anchor for this alias'] },
    {
      name: 'an alias within its own anchor',
      given: 'a: &x [*x]',
      want: ['1:8: this alias stands within its own anchor'],
    },
    {
      name: 'aliases that unfold to gigabytes',
      given: `a: &a [${'x,'.repeat(99)}]\n${Array.from('bcdefgh', (name, index) => `${name}: &${name} [${`*${'abcdefg'[index]},`.repeat(99)}]`).join('\n')}\n`,
      want: [/^3:\d+: aliases stand for more than 10000 values; write them out$/],
    },
    {
      name: 'a chain of a thousand aliases',
      given: `a0: &a0 []\n${Array.from({ length: 1000 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}]`).join('\n')}\n`,
      want: [/^\d+:\d+: aliases are nested too deeply; write the value out$/],
    },
    {
      name: 'lists a thousand levels deep',
      given: `a: ${'['.repeat(1000)}${']'.repeat(1000)}`,
      want: ['1:103: is nested too deeply: 100 levels are the most'],
    },
    {
      name: 'maps twenty thousand levels deep',
      given: '{a: '.repeat(20_000),
      want: [/^1:\d+: is nested too deeply/],
    },
    {
      name: 'a block a thousand levels deep',
      given: Array.from({ length: 1000 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      want: [/^1\d\d:\d+: is nested too deeply/],
    },
    { name: 'two documents', given: 'a: 1\n---\nb: 2\n', want: ['2:1: one document only: remove the `---` at line 2'] },
    {
      name: 'a second document behind the end of the first',
      given: 'a: 1\n...\nb: 2\n',
      want: ['3:1: one document only: remove what begins at line 3'],
    },
    { name: 'a tag', given: 'a: !secret x', want: [/^1:4: is not valid YAML: Unresolved tag$/] },
    { name: 'a tab as indentation', given: 'a:\n\tb: 1', want: [`2:1: ${TAB}`] },
    { name: 'tabs on many lines', given: 'a:\n\t- 1\n\t- 2\nb: 3\n', want: [`2:1: ${TAB}`] },
    { name: 'a tab in a list over several lines', given: 'a: [1,\n\t2]', want: [`2:1: ${TAB}`] },
    { name: 'a tab within quotes over several lines', given: 'a: "x\n\ty"', want: [`2:1: ${TAB}`] },
    { name: 'a list as key', given: '? [a]\n: 1', want: [/^1:3: a key must be plain text$/] },
    { name: 'a map as key', given: '{ { a: 1 }: 2 }', want: [/^1:3: a key must be plain text$/] },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const faults = faultsOf(given);
      assert.equal(faults.length, want.length, faults.join('\n'));
      for (const [index, each] of want.entries()) {
        if (typeof each === 'string') assert.equal(faults[index], each);
        else assert.match(faults[index] ?? '', each);
      }
      assert.equal(parseYaml(given).data, undefined);
    });
  }
});

void describe('a key that is here twice', () => {
  const rows: { name: string; given: string; want: string[]; data: unknown }[] = [
    {
      name: 'is told of, and the first value counts',
      given: 'a: 1\nb: 2\na: 3\n',
      want: ['3:1: this key is here twice'],
      data: { a: 1, b: 2 },
    },
    {
      name: 'in a flow map',
      given: 'a: { b: 1, b: 2 }',
      want: ['1:12: this key is here twice'],
      data: { a: { b: 1 } },
    },
    {
      name: 'three times, once of them in quotes',
      given: 'a: 1\n"a": 2\na: { a: 3, a: 4 }',
      want: ['2:1: this key is here twice', '3:1: this key is here twice', '3:12: this key is here twice'],
      data: { a: 1 },
    },
  ];
  for (const { name, given, want, data } of rows) {
    void test(name, () => {
      assert.deepEqual(faultsOf(given), want);
      assert.deepEqual(parseYaml(given).data, data);
    });
  }
  void test('is not read where the text is no YAML besides', () => {
    const { isReadable, data, faults } = parseYaml('a: 1\na: 2\nb: [');
    assert.deepEqual([isReadable, data, faults.length], [false, undefined, 2]);
  });
});

void describe('a place within a value', () => {
  const rows: { name: string; given: string; want: string }[] = [
    { name: 'of plain text', given: 'a: one two', want: '1:8' },
    { name: 'within double quotes', given: 'a: "one two"', want: '1:9' },
    { name: 'within single quotes', given: "a: 'one two'", want: '1:9' },
    { name: 'on any line, behind a byte-order mark or not', given: '\ufeffb: 1\r\na: one two\r\n', want: '2:8' },
    { name: 'is where the value is, when something in it is escaped', given: 'a: "one\\ttwo"', want: '1:4' },
    { name: 'when a quote in it is doubled', given: "a: 'one ''two'", want: '1:4' },
    { name: 'when it goes over two lines', given: 'a: one\n  two', want: '1:4' },
    { name: 'when it is a block', given: 'a: |\n  one two', want: '1:4' },
    { name: 'when it is no text', given: 'a: 12345678', want: '1:4' },
    { name: 'when it is shorter', given: 'a: o', want: '1:4' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const { line, column } = parseYaml(given).position({ path: ['a'], offset: 4 });
      assert.equal(`${line}:${column}`, want);
    });
  }
});

void describe('no fault quotes the file', () => {
  const broken = [
    'a: "x\\Usecret99"',
    'a: "x\\qsecret"',
    'a: @secret',
    'a: *secret',
    'a: &secret [*secret]',
    'a: !secret x',
    'a: !<secret',
    'a: |secret\n  x',
    'a: |9secret\n x',
    'a: [secret',
    'a: {secret',
    'a: "secret',
    "a: 'secret\nb: 1",
    'secret: secret: secret',
    '- x\nsecret: b',
    '%SECRET x\n---\na: 1',
    '%TAG secret\n---\na: 1',
    '%YAML secret\n---\na: 1',
    'a: {secret: 1, secret: 2}',
    '? [secret]\n: 1',
    'a: !!secret x',
    'a: "secret" secret',
    "a: 'x' : secret",
  ];
  for (const given of broken) {
    void test(given, () => {
      const faults = faultsOf(given);
      assert.notDeepEqual(faults, []);
      assert.doesNotMatch(faults.join('\n'), /secret|SECRET|ecret9/);
    });
  }
});

void test('__proto__ is a key like any other', () => {
  const { data, faults } = parseYaml('__proto__: { polluted: true }\nconstructor: 1');
  assert.deepEqual(faults, []);
  assert.deepEqual(Object.keys(Object(data)), ['__proto__', 'constructor']);
  assert.equal('polluted' in {}, false);
});

void test('values are those of YAML 1.2: yes and no are words', () => {
  assert.deepEqual(parseYaml('a: yes\nb: no\nc: 010\nd: 1:30\ne: ~\nf: <<').data, {
    a: 'yes',
    b: 'no',
    c: 10,
    d: '1:30',
    e: null,
    f: '<<',
  });
});
