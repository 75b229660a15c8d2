// The page of the provider says what the code does: its options, its example, its reasons.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import { OUTAGE_REASONS } from '../../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../../src/core/refusal-reasons.ts';
import { createFields } from '../../../src/settings/fields.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { parseOptions } from '../../support/options.ts';
import { ROWS } from './differences.ts';

const page = readFileSync(new URL('../../../providers/oidc-jwt.md', import.meta.url), 'utf8');
const TABLES = { abstained: ABSTAIN_REASONS, rejected: REJECT_REASONS, unavailable: OUTAGE_REASONS };

void describe('the page of oidc-jwt', () => {
  void test('lists every option and no other', () => {
    const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
    const schema = z.toJSONSchema(oidcJwt.options(fields), { io: 'input', unrepresentable: 'any' });
    const [options, issuer] = tablesOf('Options').map((rows) => rows.map(([key]) => key?.replaceAll('`', '')));
    assert.deepEqual(options, Object.keys(schema.properties ?? {}));
    const inner = schema.properties?.['issuer'];
    assert.deepEqual(issuer, Object.keys((typeof inner === 'object' && inner.properties) || {}));
  });

  void test('has an example that loads', () => {
    const { providers } = parse(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    assert.equal(providers[0].type, oidcJwt.type);
    const files = { '/etc/broker/tls/corp-ca.crt': makeAuthority('corp').cert };
    assert.equal('faults' in parseOptions(oidcJwt, providers[0].options, files), false);
  });

  void test('compares itself with oidc-introspection as the page of that does', () => {
    const other = readFileSync(new URL('../../../providers/oidc-introspection.md', import.meta.url), 'utf8');
    assert.ok((rowsOf(page)?.length ?? 0) > 5);
    assert.deepEqual(rowsOf(other), rowsOf(page));
  });

  void test('lists the differences that are proven against kube-apiserver, and no others', () => {
    const [rows] = tablesOf('What is different from kube-apiserver');
    assert.deepEqual(
      rows?.map(([what]) => what),
      [...ROWS],
    );
  });

  void test('gives each verdict a reason of its own kind', () => {
    for (const [what, verdict = '', reasons = ''] of tablesOf('Verdicts')[0] ?? []) {
      const known = new Set(
        Object.entries(TABLES).flatMap(([kind, table]) => (kind === verdict ? Object.keys(table) : [])),
      );
      for (const [, reason = ''] of reasons.matchAll(/`([^`]+)`/g)) assert.ok(known.has(reason), what);
    }
  });
});

/** Of the table that compares the two providers. */
function rowsOf(text: string): readonly string[] | undefined {
  return text.split('Which of the two do I take?\n\n')[1]?.split('\n\n')[0]?.split('\n').slice(1);
}

/** The cells of a section's tables, without their heads. */
function tablesOf(section: string): readonly (readonly (readonly string[])[])[] {
  const text = page.split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return text
    .split(/\n(?!\|)/)
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((lines) => lines.length > 0)
    .map((lines) =>
      lines.slice(2).map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    );
}
