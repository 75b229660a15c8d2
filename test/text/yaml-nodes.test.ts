// YAML that stands for other YAML: aliases in the broker's own files, merge keys and Go's words in kubeconfigs.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseKubernetesYaml, parseYaml } from '../../src/text/yaml.ts';

void describe('aliases', () => {
  const rows: { name: string; given: string; want: unknown }[] = [
    {
      name: 'are the value that they stand for',
      given: 'a: &x { b: [1] }\nc: *x',
      want: { a: { b: [1] }, c: { b: [1] } },
    },
    {
      name: 'mean the last anchor of their name',
      given: 'a: &x 1\nb: *x\nc: &x 2\nd: *x',
      want: { a: 1, b: 1, c: 2, d: 2 },
    },
    { name: 'may stand for aliases', given: 'a: &x 1\nb: &y [*x]\nc: *y', want: { a: 1, b: [1], c: [1] } },
    { name: 'need not be there for an anchor', given: 'a: &x 1', want: { a: 1 } },
    {
      name: 'merge nothing: << is a key',
      given: 'a: &x { b: 1 }\nc: { <<: *x }',
      want: { a: { b: 1 }, c: { '<<': { b: 1 } } },
    },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(parseYaml(given).data, want));

  void test('are where their value stands', () => {
    const { line, column } = parseYaml('a: &x { b: 1 }\nc: *x').position({ path: ['c', 'b'] });
    assert.equal(`${line}:${column}`, '2:4');
  });
});

void describe('a kubeconfig', () => {
  const rows: { name: string; given: string; want: unknown }[] = [
    {
      name: 'has merge keys, and its own keys count more',
      given: 'a: &x { b: 1, c: 1 }\nd: { <<: *x, b: 2 }',
      want: { a: { b: 1, c: 1 }, d: { b: 2, c: 1 } },
    },
    {
      name: 'merges lists of maps, the first counts more',
      given: 'a: &a { x: 1 }\nb: &b { x: 2, y: 2 }\nc: { <<: [*a, *b] }',
      want: { a: { x: 1 }, b: { x: 2, y: 2 }, c: { x: 1, y: 2 } },
    },
    { name: 'has the last of a key that is there twice', given: 'a: 1\na: 2', want: { a: 2 } },
    {
      name: 'has the words of YAML 1.1',
      given: 'a: yes\nb: off\nc: y\nd: 12:30',
      want: { a: true, b: false, c: 'y', d: '12:30' },
    },
    {
      name: 'has times as text',
      given: 'a: 2026-04-01\nb: 2026-04-01T10:00:00Z',
      want: { a: '2026-04-01', b: '2026-04-01T10:00:00Z' },
    },
    { name: 'has numbers as keys', given: '1: a', want: { '1': 'a' } },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const { data, faults } = parseKubernetesYaml(given);
      assert.deepEqual([data, faults], [want, []]);
    });
  }
  void test('pollutes nothing', () => {
    const { data } = parseKubernetesYaml('a: &x { __proto__: { polluted: true } }\nb: { <<: *x }');
    assert.equal('polluted' in Object(Object(data)['b']), false);
    assert.deepEqual(Object.keys(Object(Object(data)['b'])), ['__proto__']);
  });
});
