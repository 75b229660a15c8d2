// An evaluation ends, soon, whatever the expression and the claims are; and its errors never quote a claim.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { compile } from '../../src/cel/compile.ts';
import { dataObject, type JsonObject } from '../../src/text/json.ts';

const list = Array.from({ length: 300 }, (_, i) => `group-${i}`);
const claims = dataObject(
  Object.entries({
    list,
    thousand: Array.from({ length: 1000 }, (_, i) => `ldap:team-${i}-developers`),
    long: 'x'.repeat(60_000),
    as: 'a'.repeat(30_000),
    secret: 'CANARY',
    map: { CANARY: 'CANARY' },
    pattern: '^(a+)+$',
    wide: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key-${i}`, i])),
    lists: [list, list, list],
  }),
);

function evaluate(source: string, given: JsonObject = claims): { error?: string; value?: unknown; cpuMs: number } {
  const compiled = compile(source, 'mapping');
  if (!compiled.ok) assert.fail(`${source}: ${compiled.message}`);
  const start = process.cpuUsage();
  const result = compiled.expression.evaluate(given);
  return { ...result, cpuMs: process.cpuUsage(start).user / 1000 };
}

/** The value as `x`, doubled so many times. */
const doubled = (value: string, times: number): string =>
  times === 0 ? `[${value}].map(x, x.size())` : `[${value}].map(x, ${doubled('x + x', times - 1)})`;

void describe('the cost limit ends', () => {
  const rows: { name: string; given: string }[] = [
    {
      name: 'three nested comprehensions',
      given: 'claims.list.map(a, claims.list.map(b, claims.list.map(c, a + b + c)))',
    },
    { name: 'three nested quantifiers', given: 'claims.list.all(a, claims.list.all(b, claims.list.all(c, c != "")))' },
    {
      name: 'an exhausted evaluation that or would hide',
      given: 'claims.list.all(a, claims.list.all(b, claims.list.all(c, c != ""))) || true',
    },
    {
      name: 'comparisons of long lists',
      given: 'claims.thousand.map(a, claims.thousand.map(b, claims.lists == claims.lists))',
    },
    { name: 'strings that double', given: doubled('claims.long', 30) },
    { name: 'lists that double', given: doubled('claims.thousand', 30) },
    { name: 'a replacement that grows', given: 'claims.long.replace("", claims.long).size()' },
    { name: 'a join that grows', given: 'claims.long.split("").join(claims.long).size()' },
    { name: 'sets of long lists', given: 'sets.intersects(claims.thousand.map(x, x + "!"), claims.thousand)' },
    { name: 'distinct of long lists', given: '(claims.thousand.map(x, x + "!") + claims.thousand).distinct()' },
    { name: 'a pattern over a long text', given: 'claims.thousand.exists(x, (claims.as + "b").matches("^(a+)+$"))' },
    { name: 'a search that looks at the rest again and again', given: 'claims.long.findAll("x*y|x").size()' },
    { name: 'a pattern from a claim', given: 'claims.thousand.exists(x, (claims.as + "b").matches(claims.pattern))' },
    { name: 'bytes that double', given: doubled('bytes(claims.long)', 30) },
    {
      name: 'flattening of one list many times',
      given: 'claims.thousand.map(x, claims.thousand.map(y, claims.thousand)).flatten().flatten().size()',
    },
    {
      name: 'short loops over a wide map',
      given: 'claims.thousand.all(x, claims.thousand.all(y, claims.wide.exists(k, true)))',
    },
    {
      name: 'time zones',
      given:
        'claims.thousand.all(x, claims.thousand.all(y, timestamp("2026-01-01T00:00:00Z").getHours("Europe/Berlin") < 99))',
    },
  ];
  for (const { name, given } of rows) {
    void test(name, () => {
      const result = evaluate(given);
      assert.match(result.error ?? 'no error', /exceeds the cost limit/);
      assert.ok(result.cpuMs < 400, `${result.cpuMs} ms`);
    });
  }
  void test('three nested comprehensions within 100 ms', () => {
    const runs = [1, 2, 3].map(() => evaluate('claims.list.map(a, claims.list.map(b, claims.list.map(c, a)))').cpuMs);
    assert.ok(Math.min(...runs) < 100, `${runs.join(', ')} ms`);
  });
});

void describe('the cost limit allows', () => {
  const rows: { name: string; given: string }[] = [
    {
      name: 'a thousand groups through a pattern',
      given: 'claims.thousand.filter(g, g.matches("^ldap:team-[0-9]+-developers$")).size()',
    },
    {
      name: 'a thousand groups filtered and mapped',
      given: 'claims.thousand.filter(g, g.startsWith("ldap:")).map(g, g.substring(5)).size()',
    },
    { name: 'three hundred by three hundred', given: 'claims.list.filter(a, claims.list.exists(b, b == a)).size()' },
  ];
  for (const { name, given } of rows) {
    void test(name, () => assert.equal(evaluate(given).error, undefined));
  }
});

void test('every evaluation has units of its own', () => {
  for (let i = 0; i < 20; i++)
    assert.equal(evaluate('claims.list.filter(a, claims.list.exists(b, b == a)).size()').value, 300);
});

void describe('errors name the place and no value', () => {
  const rows: { name: string; given: string; want: string }[] = [
    { name: 'a missing key', given: 'claims.nope', want: 'no such key: claims.nope, at column 1' },
    {
      name: 'a key from a claim',
      given: 'claims[claims.secret]',
      want: 'no such key: claims[claims.secret], at column 1',
    },
    { name: 'a conversion', given: 'int(claims.secret)', want: 'not an integer: int(claims.secret), at column 1' },
    { name: 'a bool', given: 'bool(claims.secret)', want: 'not a bool: bool(claims.secret), at column 1' },
    {
      name: 'a duration',
      given: 'duration(claims.secret)',
      want: 'not a duration such as 1h30m: duration(claims.secret), at column 1',
    },
    {
      name: 'types',
      given: 'claims.secret + 1',
      want: 'the operator or function does not take values of these types: claims.secret + 1, at column 1',
    },
    { name: 'a range', given: 'claims.secret.map(x, x)', want: 'neither a list nor a map: claims.secret, at column 1' },
    {
      name: 'our own functions',
      given: 'claims.secret.substring(99)',
      want: 'substring: the index is out of range: claims.secret.substring(99), at column 1',
    },
    {
      name: 'a pattern',
      given: 'claims.secret.matches(claims.secret + "(")',
      want: 'matches: not a regular expression: claims.secret.matches(claims.secret + "("), at column 1',
    },
    { name: 'an optional without a value', given: 'claims.?nope', want: 'the result is not a JSON value' },
    { name: 'a type', given: 'type(claims.secret)', want: 'the result is not a JSON value' },
    { name: 'infinity', given: '1.0 / 0.0', want: 'the result is not a JSON value' },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const { error } = evaluate(given);
      assert.equal(error, want);
      assert.ok(!error?.includes('CANARY'));
    });
  }
});

void test('whatever the text, compile gives a value', () => {
  const words = [
    'claims',
    '.',
    'x',
    '"a"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '+',
    '==',
    '&&',
    '?',
    ':',
    'map',
    'has',
    ',',
    '1',
    '!',
    'matches',
    ' ',
  ];
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string()), (source) => {
      const compiled = compile(source, 'mapping');
      if (compiled.ok) compiled.expression.evaluate(claims);
      else assert.equal(typeof compiled.message, 'string');
    }),
    { numRuns: 2000 },
  );
});

void test('whatever the claims, evaluate gives a value', () => {
  const sources = [
    'claims.x',
    'claims.x.map(k, claims.x[k])',
    'size(claims.x) > 1',
    'claims == claims',
    'claims.?x.?y.orValue(1)',
    'has(claims.x.y)',
    '[claims.x].distinct()',
    'claims.map(k, string(claims[k]))',
  ];
  const expressions = sources.map((source) => compile(source, 'mapping'));
  fc.assert(
    fc.property(fc.jsonValue(), (x) => {
      for (const compiled of expressions) {
        if (!compiled.ok) assert.fail(compiled.message);
        compiled.expression.evaluate(
          dataObject([
            ['x', x],
            ['__proto__', x],
          ]),
        );
      }
    }),
  );
});
