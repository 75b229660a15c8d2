// Holds the chart's own files against the program; what it renders is compared in the live tests.

import assert from 'node:assert/strict';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../docs/markdown.ts';
import { at, DEPLOY, defaults, document, list } from './files.ts';

const chart = document('chart/Chart.yaml');
const values = document('chart/values.yaml');
const schema: unknown = JSON.parse(readFileSync(join(DEPLOY, 'chart/values.schema.json'), 'utf8'));
const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const keys = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);

void describe('the chart', () => {
  void it('has the version of package.json', () => {
    assert.equal(at(chart, 'appVersion'), version);
    assert.equal(at(chart, 'version'), version);
  });

  void it('has the ports of the program as default', () => {
    const { webhook, operations } = defaults();
    assert.deepEqual(at(values, 'ports'), { webhook: webhook.address.port, operations: operations.address.port });
    assert.equal(at(values, 'operationsHost'), operations.address.host);
  });

  void it('lets exactly those sections of the configuration be set that it does not write itself', () => {
    const known: unknown = JSON.parse(readFileSync(join(ROOT, 'config/broker.schema.json'), 'utf8'));
    const written = new Set(['apiVersion', 'kind', 'operations']);
    const settable = keys(at(known, 'properties')).filter((key) => !written.has(key));
    assert.deepEqual(keys(at(schema, 'properties', 'broker', 'properties')).toSorted(), settable.toSorted());
  });

  void it('describes every value in the schema, and refuses the others', () => {
    const described = new Set(keys(at(schema, 'properties')));
    assert.deepEqual(
      keys(values).filter((key) => !described.has(key)),
      [],
    );
    assert.equal(at(schema, 'additionalProperties'), false);
  });

  void it('begins with the configuration of the overlays', () => {
    const providers = list(document('kubernetes/node-local/broker.yaml'), 'providers');
    assert.deepEqual(at(values, 'broker', 'providers'), providers);
  });

  for (const file of ['prometheus-rule.yaml', 'dashboard.json']) {
    void it(`has the very ${file} of the overlay`, () => {
      const there = join(DEPLOY, 'kubernetes/monitoring', file);
      assert.equal(realpathSync(join(DEPLOY, 'chart/files', file)), realpathSync(there));
    });
  }
});
