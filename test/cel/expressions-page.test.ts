// Proves the page on expressions: every block gives what it says, and its table names exactly the functions there are.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compile, type Expression, MAX_SOURCE_CHARACTERS, type Use } from '../../src/cel/compile.ts';
import { FAMILIES } from '../../src/cel/functions/index.ts';
import { PLANNED, readOverload } from '../../src/cel/functions/table.ts';
import { COST_LIMIT } from '../../src/cel/meter.ts';
import { MACRO_NAMES } from '../../src/cel/syntax/macros.ts';
import { LIMITS } from '../../src/cel/syntax/parse.ts';
import type { Credential } from '../../src/core/credential.ts';
import type { Identity } from '../../src/core/identity.ts';
import { Secret } from '../../src/core/secret.ts';
import {
  dataObject,
  isJsonObject,
  isText,
  type JsonObject,
  type JsonValue,
  parseJsonObject,
} from '../../src/text/json.ts';

const page = readFileSync(new URL('../../providers/expressions.md', import.meta.url), 'utf8');

const NO_INPUT = dataObject([]);
const LARGE_INPUT = dataObject([['groups', Array.from({ length: 300 }, (_, i) => `g${i}`)]]);

interface Block {
  readonly place: string;
  readonly input: JsonObject;
  readonly source: string;
  readonly want: string;
}

function readBlock(text: string): Block {
  const lines = text.trim().split('\n');
  const comments = lines.filter((line) => line.startsWith('// ')).map((line) => line.slice(3));
  const given = comments.find((line) => line.startsWith('with '))?.slice(5);
  const input = given === '300 groups' ? LARGE_INPUT : given === undefined ? NO_INPUT : parseJsonObject(given);
  assert.ok(input !== undefined, `not JSON: ${given}`);
  const source = lines.filter((line) => !line.startsWith('// ')).join('\n');
  return { place: comments[0] ?? '', input, source, want: comments.at(-1) ?? '' };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function credentialOf(input: JsonObject): Credential {
  if ('username' in input) return { kind: 'password', username: text(input['username']), password: new Secret('x') };
  if ('token' in input) return { kind: 'bearer', form: 'opaque', token: new Secret(text(input['token'])) };
  const claims = isJsonObject(input['claims']) ? input['claims'] : NO_INPUT;
  const issuer = isText(claims['iss']) ? claims['iss'] : undefined;
  return { kind: 'bearer', form: 'jwt', token: new Secret('x'), jwt: { header: NO_INPUT, issuer, claims } };
}

function userOf(input: JsonObject): Identity {
  const groups = Array.isArray(input['groups']) ? input['groups'].map(text) : [];
  const extra = isJsonObject(input['extra']) ? Object.entries(input['extra']) : [];
  const lists = extra.map(([key, values]) => [key, Array.isArray(values) ? values.map(text) : []]);
  return { username: text(input['username']), groups, extra: Object.fromEntries(lists) };
}

function outcome<U extends Use>(use: U, source: string, input: Parameters<Expression<U>['evaluate']>[0]): string {
  const compiled = compile(source, use);
  if (!compiled.ok) return `does not compile: ${compiled.message}`;
  const result = compiled.expression.evaluate(input);
  return result.ok ? `gives ${JSON.stringify(result.value)}` : `fails: ${result.error}`;
}

const PLACES: Readonly<Record<string, (block: Block) => string>> = {
  match: ({ source, input }) => outcome('match', source, credentialOf(input)),
  login: ({ source, input }) => outcome('login', source, credentialOf(input)),
  claimMappings: ({ source, input }) => outcome('mapping', source, input),
  claimValidationRules: ({ source, input }) => outcome('claimRule', source, input),
  userValidationRules: ({ source, input }) => outcome('userRule', source, userOf(input)),
};

const normalized = (want: string): string =>
  want.startsWith('gives ') ? `gives ${JSON.stringify(JSON.parse(want.slice(6)))}` : want;

void describe('the examples', () => {
  const blocks = [...page.matchAll(/```cel\n([^]*?)```/g)].map(([, body = '']) => readBlock(body));
  void test('are many', () => assert.ok(blocks.length >= 20));
  for (const block of blocks) {
    void test(`${block.place}: ${block.source}`, () => {
      assert.equal(PLACES[block.place]?.(block), normalized(block.want));
    });
  }
});

void describe('the table of functions', () => {
  const families = Object.entries(FAMILIES).map(([group, table]): [string, readonly string[]] => {
    const names = Object.keys(table).map((signature) => readOverload(signature, PLANNED).name);
    return [group, [...new Set(names)].filter((name) => /^[a-z][a-zA-Z0-9.]*$/.test(name))];
  });
  const written = families.filter(([, names]) => names.length > 0);
  for (const [group, names] of [['macro', MACRO_NAMES] as const, ...written]) {
    void test(`names those of group ${group}`, () => {
      const row = page.match(new RegExp(`^\\| ${group} \\| (.*) \\|$`, 'm'))?.[1] ?? '';
      assert.deepEqual(
        row.split(' '),
        names.map((name) => `\`${name}\``),
      );
    });
  }
});

void describe('the table of limits', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['cost of one evaluation', COST_LIMIT],
    ['length of an expression', MAX_SOURCE_CHARACTERS],
    ['nodes of an expression', LIMITS.maxAstNodes],
    ['nesting of an expression', LIMITS.maxDepth],
    ['elements of a list or map that is written out', LIMITS.maxListElements],
  ];
  for (const [name, limit] of rows) {
    void test(`states the ${name}`, () => assert.match(page, new RegExp(`^\\| ${name} \\| ${limit}\\b`, 'm')));
  }
});
