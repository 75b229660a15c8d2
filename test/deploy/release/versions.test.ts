// Package, chart, image, manifests and pages name one version, and one command moves them all.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { VERSION } from '../../../deploy/release/product.ts';
import { places, setVersion, versionFaults } from '../../../deploy/release/versions.ts';
import { ROOT } from '../../docs/markdown.ts';
import { filesLike } from '../../docs/source-files.ts';

const NEXT = '7.8.9-rc.1';
const copy = mkdtempSync(join(tmpdir(), 'versions-'));
for (const path of ['package.json', 'package-lock.json', 'README.md', 'deploy', 'providers', '.github']) {
  cpSync(join(ROOT, path), join(copy, path), { recursive: true });
}
after(() => rmSync(copy, { recursive: true }));

void describe('the version', () => {
  void test('is the same in every place', () => assert.deepEqual(versionFaults(ROOT, VERSION), []));

  void test('stands in package, chart, image, manifests and pages', () => {
    const files = new Set(places(ROOT).map(({ file }) => file));
    for (const file of [
      'package.json',
      'deploy/Dockerfile',
      'deploy/README.md',
      'deploy/chart/Chart.yaml',
      'deploy/chart/README.md',
      'deploy/kubernetes/pod/kustomization.yaml',
      'deploy/kubernetes/static-pod/kube-auth-broker.yaml',
    ]) {
      assert.ok(files.has(file), file);
    }
  });

  void test('stands nowhere else: every mention in the files of a release is a place', () => {
    const known = new Set(places(ROOT).map(({ file, line }) => `${file}:${line}`));
    const mentions = filesLike('deploy/**/*.{yaml,md}', 'deploy/Dockerfile', '*.md', 'providers/**/*.md').flatMap(
      ({ path, text }) =>
        text.split('\n').flatMap((line, index) => (line.includes(VERSION) ? [`${path}:${index + 1}`] : [])),
    );
    const history = /^deploy\/(?:chart\/README|upgrading)\.md:/;
    assert.deepEqual(
      mentions.filter((mention) => !known.has(mention) && !history.test(mention)),
      [],
    );
  });

  void test('is set everywhere by one command, and nothing else changes', () => {
    const before = places(copy).length;
    setVersion(copy, NEXT);
    assert.deepEqual(versionFaults(copy, NEXT), []);
    assert.equal(places(copy).length, before);
    assert.equal(versionFaults(copy, VERSION).length, before + 1);
    setVersion(copy, VERSION);
    for (const { path, text } of filesLike('deploy/**/*.{yaml,md}', 'package.json', 'package-lock.json')) {
      const [there] = filesLike(path);
      assert.equal(there?.text, text, path);
    }
  });

  void test('that is none is refused before anything is written', () => {
    for (const bad of ['1.2', 'v1.2.3', '1.2.3 ', '']) assert.throws(() => setVersion(copy, bad), /is no version/, bad);
  });

  void test('of a place that was forgotten is told with file and line', () => {
    writeFileSync(join(copy, 'deploy/kubernetes/forgotten.yaml'), 'kind: Pod\nimage: kube-auth-broker:6.6.6\n');
    assert.deepEqual(versionFaults(copy, VERSION), [`deploy/kubernetes/forgotten.yaml:2: names 6.6.6, not ${VERSION}`]);
  });
});
