// The tables of the README and of the providers' pages say what the code says, in both directions.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { providerModules } from '../../providers/index.ts';
import { COMMANDS } from '../../src/cli/run.ts';
import { MALFORMED_REASONS, OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { createFields } from '../../src/settings/fields.ts';
import type { ProviderType } from '../../src/settings/provider-module.ts';
import { ISSUED } from '../../src/settings/providers-schema.ts';
import { METRIC_PREFIX, METRICS } from '../../src/telemetry/metric-table.ts';
import { isJsonObject, type JsonValue } from '../../src/text/json.ts';
import { codeWords, type Page, plain, readPage, sectionOf, tablesOf, tableWith } from './markdown.ts';
import { filesLike, pages } from './source-files.ts';

const REASONS_OF: Readonly<Record<string, object>> = {
  authenticated: {},
  abstained: ABSTAIN_REASONS,
  rejected: REJECT_REASONS,
  unavailable: OUTAGE_REASONS,
};
const TYPES: readonly ProviderType<unknown>[] = [...providerModules, ISSUED];
const REASONS = new Set(Object.values({ ...REASONS_OF, malformed: MALFORMED_REASONS }).flatMap(Object.keys));

void describe('README.md', () => {
  void test('has a row for every metric, and for no other', () => {
    const { rows } = tableWith(sectionOf(readPage('README.md'), 'Metrics'), ['name', 'type', 'labels', 'what']);
    const written = rows.map(({ name, type, labels, what }) => [plain(name), type, codeWords(labels), what]);
    const table = Object.entries(METRICS);
    assert.deepEqual(
      written,
      table.map(([name, { type, labels, help }]) => [METRIC_PREFIX + name, type, labels, help]),
    );
  });

  void test('has a row for every type of provider, with its page', () => {
    const { rows } = tableWith(sectionOf(readPage('README.md'), 'Providers'), ['type', 'takes', 'page']);
    const written = rows.map(({ type, takes = '', page }) => [
      plain(type),
      /password/.test(takes),
      /token|JWT/.test(takes),
      page,
    ]);
    assert.deepEqual(
      written,
      TYPES.map(({ type, accepts }) => {
        return [type, accepts.includes('password'), accepts.includes('bearer'), `[${type}](providers/${type}.md)`];
      }),
    );
  });

  void test('tells every verdict', () => {
    const { rows } = tableWith(sectionOf(readPage('README.md'), 'Verdicts'), ['verdict', 'the chain', 'on the wire']);
    assert.deepEqual(
      rows.map(({ verdict }) => verdict),
      Object.keys(REASONS_OF).toSorted((a, b) => rank(a) - rank(b)),
    );
  });
});

for (const module of TYPES) {
  const path = `providers/${module.type}.md`;
  void describe(path, () => {
    void test('lists every option, and no other', () => {
      const section = sectionOf(readPage(path), 'Options');
      const hasNone = optionsOf(module).length === 0 && tablesOf(section).length === 0;
      const { rows } = hasNone ? { rows: [] } : tableWith(section, ['key', 'default', 'meaning']);
      const written = new Set(rows.map(({ key }) => plain(key)));
      const options = optionsOf(module);
      const known = new Set(options.flatMap(({ key, below }) => [key, ...below]));
      const missing = options.flatMap(({ key, below }) => (written.has(key) || below.length === 0 ? [key] : below));
      assert.deepEqual(
        missing.filter((key) => !written.has(key)),
        [],
        'write a row for each',
      );
      assert.deepEqual(
        [...written].filter((key) => !known.has(key)),
        [],
        'there is no such option',
      );
    });

    void test('gives every verdict a reason of its own', () => {
      const { rows } = tableWith(sectionOf(readPage(path), 'Verdicts'), ['verdict', 'reason']);
      const wrong = rows.filter(({ verdict = '', reason }) => {
        const own = REASONS_OF[/^\w+/.exec(plain(verdict))?.[0] ?? ''] ?? {};
        return codeWords(reason).some((word) => !(word in own));
      });
      assert.deepEqual(wrong, []);
    });

    void test('shows common errors, each with its cure', () => {
      const text = sectionOf(readPage(path), 'Common errors').text;
      assert.match(text, /^\|.*\|.*\|$/m, 'write a table: what is seen, its cause, its cure');
    });
  });
}

void describe('what a page names exists', () => {
  const shipped = filesLike('deploy/**/*.{yaml,yml,json,tpl,sh}');
  for (const page of [...pages().filter(({ path }) => !path.startsWith('test/')), ...shipped]) {
    void test(page.path, () => assert.deepEqual(unknownNames(page), []));
  }
});

/** Metrics, reasons of the kind "reason `x`", and commands that are no such thing. */
function unknownNames({ text }: Page): readonly string[] {
  const metrics = named(text, /\bauthbroker_(\w+)/g).map((name) => name.replace(/_(?:bucket|count|sum)$/, ''));
  const reasons = named(text, /\breasons? `([a-z]+(?:-[a-z]+)*)`/g);
  const commands = named(text, /(?:npx |`)kube-auth-broker ([a-z][a-z -]*)/g);
  return [
    ...metrics.filter((name) => !(name in METRICS)),
    ...reasons.filter((reason) => !REASONS.has(reason) && reason !== 'ok'),
    ...commands.filter((words) => !COMMANDS.some(({ name }) => `${words} `.startsWith(`${name} `))),
  ];
}

function named(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

interface Option {
  readonly key: string;
  /** Of a map: its keys, as `key.name`. A secret has none, nor has the `tls` that all providers share. */
  readonly below: readonly string[];
}

function optionsOf(module: ProviderType<unknown>): readonly Option[] {
  const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
  const schema = z.toJSONSchema(module.options(fields), { io: 'input', unrepresentable: 'any' });
  const { properties = {} }: { readonly properties?: Readonly<Record<string, JsonValue>> } = JSON.parse(
    JSON.stringify(schema),
  );
  return Object.entries(properties).map(([key, value]) => {
    const below = isJsonObject(value) && isJsonObject(value['properties']) ? Object.keys(value['properties']) : [];
    return { key, below: below.map((name) => `${key}.${name}`) };
  });
}

/** In the order in which a reader meets them. */
function rank(verdict: string): number {
  return ['authenticated', 'abstained', 'rejected', 'unavailable'].indexOf(verdict);
}
