// Claims are data: whatever an upstream writes into JSON, it reaches no prototype and exhausts no stack.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { asData, dataObject, hasRepeatedMember, isJsonObject, parseJsonObject } from '../../src/text/json.ts';

void describe('asData', () => {
  const rows: { name: string; given: unknown; want: unknown }[] = [
    { name: 'scalars are kept', given: [null, true, 1.5, 'x'], want: [null, true, 1.5, 'x'] },
    {
      name: 'what JSON has not becomes null',
      given: [undefined, () => 1, Symbol('x'), 1n],
      want: [null, null, null, null],
    },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(asData(given), want));
  void test('100,000 nested lists become 32', () => {
    let deepest = asData(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)));
    let depth = 0;
    for (; Array.isArray(deepest); depth++) deepest = deepest[0];
    assert.equal(depth, 32);
    assert.equal(deepest, null);
  });
});

void describe('objects have no prototype, at any depth', () => {
  const hostile = '{"__proto__":{"admin":true},"constructor":{"prototype":{"a":1}},"b":[{"__proto__":1}]}';
  void test('__proto__ and constructor are ordinary keys', () => {
    const data = parseJsonObject(hostile);
    assert.ok(data !== undefined);
    assert.equal(Object.getPrototypeOf(data), null);
    assert.deepEqual(Object.keys(data), ['__proto__', 'constructor', 'b']);
    assert.equal(data['admin'], undefined);
    assert.equal('toString' in data, false);
  });
  void test('nothing else changed', () => {
    parseJsonObject(hostile);
    assert.equal('admin' in {}, false);
    assert.equal('a' in {}, false);
  });
  void test('later entries win', () =>
    assert.equal(
      dataObject([
        ['a', 1],
        ['a', 2],
      ])['a'],
      2,
    ));
});

void describe('parseJsonObject', () => {
  for (const text of ['', 'x', '[]', '"x"', 'null', '1', '{', '\ufeff{}']) {
    void test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseJsonObject(text), undefined));
  }
  void test('gives back any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (object) => {
        const text = JSON.stringify(object);
        assert.equal(JSON.stringify(parseJsonObject(text)), JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

void describe('numbers', () => {
  const exact = ['9007199254740991', '-120.0e1', '1.0000000000000000', '1e21', '1700000000.1234567', '-0', '5e-324'];
  for (const text of exact) {
    void test(`${text} is what it was`, () => {
      assert.equal(parseJsonObject(`{"pad":"0123456789012345","id":${text}}`)?.['id'], Number(text));
    });
  }
  const inexact = ['9007199254740993', '-9007199254740993', '12345678901234567890', '1e400', '0.12345678901234567891'];
  for (const text of inexact) {
    void test(`${text} stays itself, and is no number`, () => {
      const data = parseJsonObject(`{"ids":[${text}]}`);
      assert.equal(JSON.stringify(data), `{"ids":[{"inexactNumber":"${text}"}]}`);
    });
  }
  void test('no two integers become one', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 53n - 8n, max: 2n ** 64n }), (id) => {
        const [one, next] = [id, id + 1n].map((each) => JSON.stringify(parseJsonObject(`{"id":${each}}`)));
        assert.notEqual(one, next);
      }),
    );
  });
  void test('nested deeper than the stack is not JSON', () => {
    const text = `{"a":${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}}`;
    assert.equal(parseJsonObject(text), undefined);
  });
});

void describe('a member that is there twice', () => {
  const rows: { name: string; given: string; want: boolean }[] = [
    { name: 'is none in an empty map', given: '{}', want: false },
    { name: 'is none among two', given: '{"a":1,"b":1}', want: false },
    { name: 'is found', given: '{"a":1,"b":2,"a":1}', want: true },
    { name: 'is found behind white space', given: '{ "a" : 1 ,\n"a"\t: 1 }', want: true },
    { name: 'is found when it is written otherwise', given: '{"a":1,"\\u0061":1}', want: true },
    { name: 'is found when its name has quotes and brackets', given: '{"\\"{[":1,"\\"{[":1}', want: true },
    { name: 'is not looked for below the top', given: '{"a":{"b":1,"b":2},"c":[{"d":1,"d":2}]}', want: false },
    { name: 'is not made of values', given: '{"a":"b","c":"b","d":["a",":"]}', want: false },
    { name: 'is found behind values with brackets in them', given: '{"x":"}]{[","a":[{}],"a":1}', want: true },
    { name: 'is found behind a value with a line separator', given: '{"x":"\u2028","a":1,"a":1}', want: true },
    { name: 'is one of another case', given: '{"a":1,"A":1}', want: false },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.equal(hasRepeatedMember(given), want));

  void test('is found in any object that has one, and in no other', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }), (object) => {
        const text = JSON.stringify(object);
        assert.equal(hasRepeatedMember(text), false);
        const [name = ''] = Object.keys(object);
        assert.equal(hasRepeatedMember(`${text.slice(0, -1)},${JSON.stringify(name)}:0}`), true);
      }),
    );
  });
});

void test('a JSON object is neither null nor list nor scalar', () => {
  assert.deepEqual([{}, Object.create(null), null, [], 'x', 1].map(isJsonObject), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
