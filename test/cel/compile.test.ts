// Which expressions compile at which place, and what they give.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Compiled, compile, type Expression, type Use } from '../../src/cel/compile.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { Identity } from '../../src/core/identity.ts';
import { Secret } from '../../src/core/secret.ts';
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
    { name: 'a map gives an object', given: '{"a": [1, 2], "b": claims.age}', want: { a: [1, 2], b: 42 } },
    { name: 'lists of different types', given: '[claims.username, "x"]', want: ['Jane', 'x'] },
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
    { name: 'reverse keeps code points', given: 'claims.emoji.reverse()', want: 'b😀a' },
    { name: 'trim', given: '"  x ".trim()', want: 'x' },
    {
      name: 'format',
      given: '"%s is %d, %.1f %x %%".format([claims.username, claims.age, claims.pi, 255])',
      want: 'Jane is 42, 3.3 ff %',
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
    {
      name: 'cel.bind',
      given: 'cel.bind(d, claims.email.split("@")[1], d + "/" + d)',
      want: 'corp.example/corp.example',
    },
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
    { name: 'an unknown field of user', given: ['user.name == "x"', 'userRule'], want: /no such key: name/ },
    {
      name: 'an unknown field of credential',
      given: ['credential.password == ""', 'match'],
      want: /no such key: password/,
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
    { name: 'internal names are not shown', given: ['"a".matches(1)', 'mapping'], want: /'string\.matches\(int\)'/ },
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

void describe('rules', () => {
  const user: Identity = { username: 'ldap:jane', groups: ['ldap:dev'], extra: { 'example.org/x': ['1'] } };
  const rows: { name: string; given: string; want: boolean }[] = [
    { name: 'groups', given: "user.groups.exists(g, g == 'ldap:dev')", want: true },
    { name: 'the documented idiom', given: "user.groups.all(group, !group.startsWith('system:'))", want: true },
    { name: 'a missing uid is empty', given: "user.uid == ''", want: true },
    { name: 'extra', given: "user.extra['example.org/x'][0] == '1'", want: true },
    { name: 'a global matches', given: "matches(user.username, '^ldap:[a-z]+$')", want: true },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => assert.deepEqual(expression(given, 'userRule').evaluate(user), { ok: true, value: want }));
  }
  void test('a comparison with a claim is a bool', () => {
    assert.deepEqual(expression('claims.admin == true', 'claimRule').evaluate(claims), { ok: true, value: true });
  });
});

void describe('credentials', () => {
  const password: Credential = { kind: 'password', username: 'jane@corp.example', password: new Secret('s3cret') };
  const jwt: Credential = {
    kind: 'bearer',
    form: 'jwt',
    token: new Secret('a.b.c'),
    jwt: {
      header: dataObject([['alg', 'ES256']]),
      claims: dataObject([
        ['iss', 'https://idp'],
        ['aud', ['a']],
      ]),
    },
  };
  const opaque: Credential = { kind: 'bearer', form: 'opaque', token: new Secret('t0ken') };
  const rows: { name: string; given: [string, Credential]; want: boolean }[] = [
    { name: 'a suffix of the name', given: ["credential.username.endsWith('@corp.example')", password], want: true },
    { name: 'a bearer has an empty username', given: ["credential.username == ''", opaque], want: true },
    { name: 'kind', given: ["credential.kind == 'password'", password], want: true },
    { name: 'form', given: ["credential.form == 'opaque'", opaque], want: true },
    { name: 'issuer', given: ["credential.issuer == 'https://idp'", jwt], want: true },
    { name: 'an opaque token has no issuer', given: ["credential.issuer == ''", opaque], want: true },
    { name: 'header', given: ["credential.header.alg == 'ES256'", jwt], want: true },
    { name: 'claims', given: ["'a' in credential.claims.aud", jwt], want: true },
    { name: 'a password has no claims', given: ['has(credential.claims.aud)', password], want: false },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () =>
      assert.deepEqual(expression(given[0], 'match').evaluate(given[1]), { ok: true, value: want }),
    );
  }
  void test('login takes a part of the name', () => {
    const login = expression("credential.username.split('@')[0]", 'login');
    assert.deepEqual(login.evaluate(password), { ok: true, value: 'jane' });
  });
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
