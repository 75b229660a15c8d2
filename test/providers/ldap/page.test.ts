// The provider's page tells the truth: every option, every reason, and examples that load.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { TRAITS } from '../../../providers/ldap/options.ts';
import { DEFAULT_IDLE_TIMEOUT_MS, DEFAULT_POOL_SIZE, writtenOptions } from '../../../providers/ldap/written-options.ts';
import { ldap } from '../../../providers/ldap.ts';
import { OUTAGE_REASONS } from '../../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../../src/core/refusal-reasons.ts';
import { createFields } from '../../../src/settings/fields.ts';
import { blocksOf, readPage, tableWith } from '../../docs/markdown.ts';
import { authority, fields } from './open-ldap.ts';

const page = readPage('providers/ldap.md');

/** Dotted names of all keys; blocks of several keys that have a meaning of their own are one. */
function keysOf(schema: z.ZodType, path: string): readonly string[] {
  const inner = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return [path];
  return Object.entries(inner.shape).flatMap(([key, value]) =>
    value instanceof z.ZodType ? keysOf(value, path === '' ? key : `${path}.${key}`) : [],
  );
}

void test('the table of options has every key, and no other', () => {
  const told = tableWith(page, ['key', 'default', 'meaning']).rows.map(({ key = '' }) => key.replaceAll('`', ''));
  assert.deepEqual(told, keysOf(writtenOptions(fields), ''));
});

void test('the defaults that are numbers are told as they are', () => {
  const defaults = new Map(
    tableWith(page, ['key', 'default', 'meaning']).rows.map((row) => [row['key'], row['default']]),
  );
  assert.equal(defaults.get('`pool.size`'), `\`${DEFAULT_POOL_SIZE}\``);
  assert.equal(defaults.get('`pool.idleTimeout`'), `\`${DEFAULT_IDLE_TIMEOUT_MS / 60_000}m\``);
});

for (const [directory, { userFilter, groupFilter, nestedGroupFilter = groupFilter }] of Object.entries(TRAITS)) {
  void test(`the defaults of ${directory} are told as they are`, () => {
    for (const filter of [userFilter, groupFilter, nestedGroupFilter])
      assert.ok(page.text.includes(`\`${filter}\``), filter);
  });
}

void test('the verdicts name reasons that exist, with their verdict', () => {
  const kinds = { abstained: ABSTAIN_REASONS, rejected: REJECT_REASONS, unavailable: OUTAGE_REASONS };
  const { rows } = tableWith(page, ['the directory', 'verdict', 'reason']);
  for (const { verdict = '', reason = '' } of rows) {
    const table: object = Object.entries(kinds).find(([kind]) => kind === verdict)?.[1] ?? {};
    for (const word of reason.match(/[a-z-]+/g) ?? []) assert.ok(word in table, `${verdict} ${word}`);
  }
});

const examples = blocksOf(page).filter(({ language }) => language === 'yaml');

const readFile = (path: string): string => (path.endsWith('.crt') ? authority.cert : 'secret');

for (const { text, line } of examples) {
  void test(`the example at line ${line} loads`, () => {
    const sources = createFields({ dir: '/', env: { AD_PASSWORD: 'secret' }, readFile, seen: () => undefined });
    for (const { type, options } of parse(text).providers) {
      assert.equal(type, ldap.type);
      assert.deepEqual(ldap.options(sources).safeParse(options).error?.issues, undefined);
    }
  });
}
