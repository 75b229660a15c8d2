// Holds the chart's own files against the program; what it renders is compared in the live tests.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { COPIES, chartReadme, chartValues } from '../../deploy/chart-files.ts';
import { IMAGE, LICENSE, REPOSITORY } from '../../deploy/release/product.ts';
import { ROOT } from '../docs/markdown.ts';
import { at, DEPLOY, defaults, document, list, text } from './files.ts';

/** The portal's own default, in src/settings/listener-schema.ts. */
const PORTAL_PORT = 8081;

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
    const ports = { webhook: webhook.address.port, operations: operations.address.port, portal: PORTAL_PORT };
    assert.deepEqual(at(values, 'ports'), ports);
    assert.equal(at(values, 'operationsHost'), operations.address.host);
  });

  void it('lets exactly those sections of the configuration be set that it does not write itself', () => {
    const known: unknown = JSON.parse(readFileSync(join(ROOT, 'config/broker.schema.json'), 'utf8'));
    const written = new Set(['apiVersion', 'kind', 'operations']);
    const settable = keys(at(known, 'properties')).filter((key) => !written.has(key));
    assert.deepEqual(keys(at(schema, 'properties', 'broker', 'properties')).toSorted(), settable.toSorted());
  });

  void it('describes every value in the schema, and refuses the others', () => {
    assert.deepEqual(keys(values).toSorted(), keys(at(schema, 'properties')).toSorted());
    assert.equal(at(schema, 'additionalProperties'), false);
  });

  void it('begins with the configuration of the overlays', () => {
    const providers = list(document('kubernetes/node-local/broker.yaml'), 'providers');
    assert.deepEqual(at(values, 'broker', 'providers'), providers);
  });

  for (const file of COPIES) {
    void it(`has the very ${file} of the overlay`, () => {
      assert.equal(text(`chart/files/${file}`), text(`kubernetes/monitoring/${file}`), 'run npm run generate');
    });
  }

  void it('says of every value what it is', () => {
    for (const { path, description } of chartValues()) assert.match(description, /[.]$/, path);
  });

  void it('has a README as `npm run generate` writes it', () => {
    assert.equal(text('chart/README.md'), chartReadme(), 'run npm run generate');
  });

  void it('holds files alone: archives of charts keep no links', () => {
    for (const entry of readdirSync(join(DEPLOY, 'chart'), { recursive: true, withFileTypes: true })) {
      assert.ok(entry.isFile() || entry.isDirectory(), entry.name);
    }
  });

  void it('tells catalogues where it is from, and shows them an icon', () => {
    assert.equal(at(chart, 'home'), REPOSITORY);
    assert.ok(list(chart, 'sources').includes(REPOSITORY));
    assert.notEqual(at(chart, 'maintainers', 0, 'name'), undefined);
    assert.equal(at(chart, 'annotations', 'artifacthub.io/license'), LICENSE);
    assert.equal(at(chart, 'annotations', 'artifacthub.io/category'), 'security');
  });

  void it('links to files of this version that are here', () => {
    const links = [
      ...text('chart/Chart.yaml').matchAll(/https:\/\/\S+\/(?:blob\/|tree\/|kube-auth-broker\/)v([\d.]+)\/(\S+)/g),
    ];
    for (const [, linked, path = ''] of links) {
      assert.equal(linked, version);
      assert.ok(existsSync(join(ROOT, path)), path);
    }
    assert.ok(links.length >= 4);
  });

  void it('takes the image of the release by default', () => {
    assert.equal(at(values, 'image', 'repository'), IMAGE);
    const images: unknown = parse(String(at(chart, 'annotations', 'artifacthub.io/images')));
    assert.equal(at(images, 0, 'image'), `${IMAGE}:${version}`);
  });
});
