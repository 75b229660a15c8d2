// Which expressions compile at which place, and what they give.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Compiled, compile, type Expression, type Use } from '../../src/cel/compile.ts';
import { dataObject, type JsonValue } from '../../src/text/json.ts';

function expression<U extends Use>(source: string, use: U): Expression<U> {
  const compiled: Compiled<U> = compile(source, use);
  if (!compiled.ok) assert.fail(`${source}: ${compiled.message}`);
  return compiled.expression;
}

const claims = dataObject(
  Object.entries({
    username: 'Jane',
    email: 'jane@corp.example',
    email_verified: true,
    admin: true,
    age: 42,
    pi: 3.25,
    groups: ['Dev', 'ops', 'Ops'],
    nothing: null,
    constructor: 'mine',
    nested: { constructor: { deep: 'x' }, list: [{ a: 1 }, { a: 2 }] },
    'example.org/role': 'boss',
    emoji: 'a😀b',
  }),
);

void describe('mapping expressions over claims', () => {
  const rows: { name: string; given: string; want: JsonValue }[] = [
    { name: 'a claim is itself', given: 'claims.email', want: 'jane@corp.example' },
    { name: 'numbers of claims are doubles', given: 'claims.pi', want: 3.25 },
    { name: 'ints come back as numbers', given: 'size(claims.groups) + 1', want: 4 },
    { name: 'null is null', given: 'claims.nothing', want: null },
    { name: 'a missing claim can be asked for', given: 'has(claims.nope) ? claims.nope : "none"', want: 'none' },
    { name: 'an optional claim has a default', given: 'claims.?nope.orValue("none")', want: 'none' },
    {
      name: 'an optional claim can be mapped',
      given: 'claims.?username.optMap(n, "u:" + n).orValue("")',
      want: 'u:Jane',
    },
    { name: 'a missing optional claim is not mapped', given: 'claims.?no.optMap(n, "u:" + n).orValue("-")', want: '-' },
    { name: 'optFlatMap does not wrap twice', given: 'claims.?nested.optFlatMap(n, n.?nope).orValue("-")', want: '-' },
    { name: 'a zero value is none', given: 'optional.ofNonZeroValue("").orValue("x")', want: 'x' },
    { name: 'a claim named constructor is data', given: 'claims.constructor', want: 'mine' },
    { name: 'a nested key named constructor is data', given: 'claims.nested.constructor.deep', want: 'x' },
    { name: 'nested lists of objects', given: 'claims.nested.list.map(o, o.a)', want: [1, 2] },
    { name: 'a claim with a slash by index', given: 'claims["example.org/role"]', want: 'boss' },
    { name: 'a claim with a slash by escape', given: 'claims.example__dot__org__slash__role', want: 'boss' },
    { name: 'a map gives an object', given: '{"a": claims.pi, "b": claims.age}', want: { a: 3.25, b: 42 } },
    { name: 'a claim in a list of texts', given: '[string(claims.username), "x"]', want: ['Jane', 'x'] },
    { name: 'filter and map', given: 'claims.groups.filter(g, g != "ops").map(g, "p:" + g)', want: ['p:Dev', 'p:Ops'] },
    { name: 'lowerAscii leaves other letters', given: '"ÄBC".lowerAscii()', want: 'Äbc' },
    { name: 'upperAscii leaves other letters', given: '"äßc".upperAscii()', want: 'äßC' },
    { name: 'charAt counts code points', given: 'claims.emoji.charAt(2)', want: 'b' },
    { name: 'charAt at the end is empty', given: '"ab".charAt(2)', want: '' },
    { name: 'indexOf counts code points', given: 'claims.emoji.indexOf("b")', want: 2 },
    { name: 'indexOf from an index', given: '"a-b-c".indexOf("-", 2)', want: 3 },
    { name: 'lastIndexOf', given: '"a-b-c".lastIndexOf("-")', want: 3 },
    { name: 'lastIndexOf from an index', given: '"a-b-c".lastIndexOf("-", 2)', want: 1 },
    { name: 'indexOf in a list', given: 'claims.groups.indexOf("ops")', want: 1 },
    { name: 'substring', given: 'claims.email.substring(0, claims.email.indexOf("@"))', want: 'jane' },
    { name: 'split with a limit', given: '"a,b,c".split(",", 2)', want: ['a', 'b,c'] },
    { name: 'split into characters', given: 'claims.emoji.split("")', want: ['a', '😀', 'b'] },
    { name: 'join', given: 'claims.groups.join("+")', want: 'Dev+ops+Ops' },
    { name: 'replace all', given: '"a.b.c".replace(".", "-")', want: 'a-b-c' },
    { name: 'replace some', given: '"a.b.c".replace(".", "-", 1)', want: 'a-b.c' },
    { name: 'replace of nothing puts in between', given: '"ab".replace("", "-")', want: '-a-b-' },
    { name: 'trim', given: '"  x ".trim()', want: 'x' },
    {
      name: 'format',
      given: '"%s is %d, %.1f %x %%".format([string(claims.username), int(claims.age), double(claims.pi), 255])',
      want: 'Jane is 42, 3.2 ff %',
    },
    { name: 'quote', given: 'strings.quote("a\\"b\\n")', want: '"a\\"b\\n"' },
    { name: 'sort is by code point', given: 'claims.groups.sort()', want: ['Dev', 'Ops', 'ops'] },
    { name: 'distinct', given: '[1, 2, 1].distinct()', want: [1, 2] },
    { name: 'sum, min and max', given: '[[1, 2].sum(), [3, 1].min(), [3, 1].max()]', want: [3, 1, 3] },
    { name: 'slice, flatten and reverse', given: '[[1], [2, 3]].flatten().slice(0, 2).reverse()', want: [2, 1] },
    { name: 'isSorted', given: '[1, 2].isSorted() && !["b", "a"].isSorted()', want: true },
    { name: 'sets.contains', given: 'sets.contains(claims.groups, ["ops"])', want: true },
    { name: 'sets.equivalent', given: 'sets.equivalent([1, 2, 1], [2, 1])', want: true },
    { name: 'sets.intersects', given: 'sets.intersects(claims.groups, ["nobody"])', want: false },
    { name: 'timestamps in UTC', given: 'string(timestamp("2026-01-02T03:04:05Z"))', want: '2026-01-02T03:04:05Z' },
    { name: 'an int of a timestamp', given: 'int(timestamp("1970-01-01T00:01:00Z"))', want: 60 },
    { name: 'int of a double', given: 'int(claims.age) + 1', want: 43 },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const result = expression(given, 'mapping').evaluate(claims);
      assert.deepEqual(result.ok ? JSON.parse(JSON.stringify(result.value)) : result, want);
    });
  }
});

void describe('results that JSON does not have', () => {
  const rows: { name: string; given: string; want: JsonValue }[] = [
    { name: 'a timestamp', given: 'timestamp(0)', want: '1970-01-01T00:00:00Z' },
    { name: 'a duration', given: 'duration("90m")', want: '5400s' },
    { name: 'bytes', given: 'b"abc"', want: 'YWJj' },
    { name: 'an integer beyond 2^53', given: '9007199254740993', want: '9007199254740993' },
    { name: 'an optional', given: 'claims.?username', want: 'Jane' },
    { name: 'a list with one of them', given: '[duration("1s")]', want: ['1s'] },
    { name: 'a map with one of them', given: '{"a": optional.of("x")}', want: { a: 'x' } },
  ];
  for (const { name, given, want } of rows) {
    void test(`${name} is marked as converted`, () => {
      const result = expression(given, 'mapping').evaluate(claims);
      assert.deepEqual(JSON.parse(JSON.stringify(result)), { ok: true, value: want, converted: true });
    });
  }
  for (const given of ['"x"', '["x"]', '1', '1u', 'null', '{"a": 1.5}', 'claims.groups']) {
    void test(`${given} is what it is`, () => {
      const result = expression(given, 'mapping').evaluate(claims);
      assert.ok(result.ok && result.converted === undefined);
    });
  }
});

void describe('expressions that do not compile', () => {
  const rows: { name: string; given: [string, Use]; want: RegExp; offset?: number }[] = [
    { name: 'syntax', given: ['claims. ', 'mapping'], want: /expected .*, at column/i, offset: 8 },
    {
      name: 'an unknown variable',
      given: ['claim.x', 'mapping'],
      want: /unknown variable: claim, at column 1 /,
      offset: 0,
    },
    { name: 'user is not there for claims', given: ['user.username', 'mapping'], want: /unknown variable: user/ },
    { name: 'claims is not there for users', given: ['claims.x == 1', 'userRule'], want: /unknown variable: claims/ },
    { name: 'an unknown field of user', given: ['user.name == "x"', 'userRule'], want: /unknown field: name/ },
    {
      name: 'an unknown field of credential',
      given: ['credential.password == ""', 'match'],
      want: /unknown field: password/,
    },
    {
      name: 'a rule that may be anything',
      given: ['claims.admin', 'claimRule'],
      want: /of type bool; it may be anything/,
    },
    { name: 'a rule that is a string', given: ['"x"', 'claimRule'], want: /of type bool, not string/ },
    { name: 'a match that is an int', given: ['size(credential.username)', 'match'], want: /of type bool, not int/ },
    { name: 'a login that is a bool', given: ['credential.username == ""', 'login'], want: /of type string, not bool/ },
    { name: 'an empty expression', given: ['  ', 'mapping'], want: /the expression is empty/ },
    {
      name: 'an invalid constant pattern',
      given: ['claims.x.matches("(a")', 'mapping'],
      want: /missing closing \).*column 18/,
      offset: 17,
    },
    {
      name: 'look-ahead is not RE2',
      given: ['"a".matches("(?=a)")', 'mapping'],
      want: /invalid or unsupported Perl syntax/,
    },
    { name: 'an unknown function', given: ['claims.x.foo()', 'mapping'], want: /unknown function: foo/ },
    { name: 'a function that CEL does not have', given: ['b"{}".json()', 'mapping'], want: /unknown function: json/ },
    { name: 'an internal name', given: ['"a".__matches("a")', 'mapping'], want: /unknown function: __matches/ },
    { name: 'operands of the wrong type', given: ['"a" + 1', 'mapping'], want: /no such overload: string \+ int/ },
    {
      name: 'internal names are not shown',
      given: ['"a".matches(1)', 'mapping'],
      want: /no such overload: string\.matches\(int\)/,
    },
    {
      name: 'a second line is named',
      given: ['true &&\n  foo', 'claimRule'],
      want: /unknown variable: foo, at line 2, column 3/,
      offset: 10,
    },
    { name: 'too deep', given: [`${'('.repeat(500)}1${')'.repeat(500)}`, 'mapping'], want: /maxDepth/ },
    { name: 'too long', given: [`"${'x'.repeat(20_000)}"`, 'mapping'], want: /over 16384 characters/ },
  ];
  for (const { name, given, want, offset } of rows) {
    void test(name, () => {
      const compiled = compile(...given);
      if (compiled.ok) assert.fail('it compiled');
      assert.match(compiled.message, want);
      if (offset !== undefined) assert.equal(compiled.offset, offset);
    });
  }
});

void describe('the claims that an expression names', () => {
  const rows: { name: string; given: string; want: string[] }[] = [
    { name: 'a selection', given: 'claims.email', want: ['email'] },
    { name: 'an optional selection', given: 'claims.?email_verified.orValue(true) == true', want: ['email_verified'] },
    { name: 'an index', given: 'claims["email"] + claims["x" + "y"]', want: ['email'] },
    { name: 'inside macros', given: 'has(claims.a) && claims.b.exists(x, x == claims.c)', want: ['a', 'b', 'c'] },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual([...expression(given, 'mapping').claims].toSorted(), want));
  }
});

void test('a comparison with a claim is a bool', () => {
  assert.deepEqual(expression('claims.admin == true', 'claimRule').evaluate(claims), { ok: true, value: true });
});
