// The page of the provider says what the code does: its options, its example, its reasons.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { OUTAGE_REASONS } from '../../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../../src/core/refusal-reasons.ts';
import { createFields } from '../../../src/settings/fields.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { faultsOf } from './setup.ts';

const page = readFileSync(new URL('../../../providers/oidc-introspection.md', import.meta.url), 'utf8');
const FILES = { 'secrets/idp-client-secret': 'secret', 'tls/corp-ca.crt': makeAuthority('corp').cert };
const TABLES = { abstained: ABSTAIN_REASONS, rejected: REJECT_REASONS, unavailable: OUTAGE_REASONS };

void describe('the page of oidc-introspection', () => {
  void test('lists every option and no other', () => {
    const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
    const schema = z.toJSONSchema(oidcIntrospection.options(fields), { io: 'input', unrepresentable: 'any' });
    assert.deepEqual(
      rowsOf('Options').map(([key]) => key?.replaceAll('`', '')),
      Object.keys(schema.properties ?? {}),
    );
  });

  void test('has an example that loads', () => {
    const { providers } = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    assert.equal(providers[0].type, oidcIntrospection.type);
    assert.deepEqual(faultsOf(providers[0].options, FILES), []);
  });

  void test('gives each verdict a reason of its own kind', () => {
    for (const [what, verdict = '', reasons = ''] of rowsOf('Verdicts')) {
      const known = new Set(
        Object.entries(TABLES).flatMap(([kind, table]) => (kind === verdict ? Object.keys(table) : [])),
      );
      for (const [, reason = ''] of reasons.matchAll(/`([^`]+)`/g)) assert.ok(known.has(reason), what);
    }
  });
});

/** The cells of a section's first table, without its head. */
function rowsOf(section: string): readonly (readonly string[])[] {
  const text = page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
