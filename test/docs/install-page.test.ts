// Holds what people copy from the page on installing against what a release offers, and the page on versions against what is pinned.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { archiveOf, NODE_VERSION, PLATFORMS } from '../../deploy/release/platforms.ts';
import { DOWNLOADS, IMAGE, REGISTRY_OF_CHARTS, REPOSITORY, TAG, VERSION } from '../../deploy/release/product.ts';
import pkg from '../../package.json' with { type: 'json' };
import { at, document } from '../deploy/files.ts';
import { plain, ROOT, readPage, tableWith } from './markdown.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** What follows a word in a file, up to the next space. */
const after = (word: string, path: string): string => read(path).split(word)[1]?.split(/\s/)[0] ?? '';
const DEFINITIONS = 'test/live/deploy/definitions.sh';

void describe('deploy/install.md', () => {
  const page = readPage('deploy/install.md');

  void test('names every download, and no other', () => {
    const offered = PLATFORMS.flatMap((platform) =>
      platform.programs.map((program) => archiveOf(program, VERSION, platform)),
    );
    const { rows } = tableWith(page, ['system', 'plugin', 'broker']);
    const named = rows.flatMap((row) => [plain(row['plugin']), plain(row['broker'])]).filter((cell) => cell !== '–');
    assert.deepEqual(named.toSorted(), offered.toSorted());
    for (const [url] of page.text.matchAll(/https:\S+\/releases\/download\/\S+/g))
      assert.ok(url.startsWith(`${DOWNLOADS}/`), url);
  });

  void test('verifies against the workflow that signs', () => {
    assert.ok(page.text.includes(`identity=${REPOSITORY}/.github/workflows/release.yml@refs/tags/${TAG}\n`));
    assert.match(read('.github/workflows/release.yml'), /id-token: write/);
    for (const name of [
      `${IMAGE}:${VERSION}`,
      `${REGISTRY_OF_CHARTS.replace('oci://', '')}/kube-auth-broker:${VERSION}`,
    ]) {
      assert.match(page.text, new RegExp(`^cosign verify .* ${pattern(name)}$`, 'm'));
    }
    assert.match(page.text, /^cosign verify-blob --bundle SHA256SUMS\.sigstore\.json .* SHA256SUMS$/m);
  });

  void test('says of every channel how it is removed', () => {
    for (const heading of ['Helm chart', 'Image', 'npm', 'Single executables']) {
      const [, section = ''] = new RegExp(`^## ${heading}\\n([^]*?)^## `, 'm').exec(page.text) ?? [];
      assert.match(section, /\*\*Uninstall\*\*/, heading);
    }
    for (const row of tableWith(page, ['system', 'install', 'uninstall']).rows)
      assert.notEqual(plain(row['uninstall']), '');
  });
});

void describe('deploy/versions.md', () => {
  const page = readPage('deploy/versions.md');
  const rows = new Map(
    [...tableWith(page, ['what', 'works with', 'tested with']).rows, ...asked()].map((row) => [
      plain(row['what']),
      row,
    ]),
  );
  const cell = (what: string, column: string): string => plain(rows.get(what)?.[column]);
  function asked(): readonly Readonly<Record<string, string>>[] {
    const [, rest = ''] = page.text.split('## What it asks');
    return tableWith({ path: page.path, text: rest }, ['what', 'works with', 'tested with']).rows;
  }

  const pinned = [
    { what: 'Kubernetes', want: after('k8s.io/kubernetes v', 'test/live/apiserver/go.mod') },
    { what: 'Node.js for the broker', want: pkg.devDependencies.node },
    { what: 'Node.js inside single executables', want: NODE_VERSION },
    { what: 'Helm', want: after('helm.sh/helm/v4 v', 'test/live/tools/go.mod') },
    { what: 'cert-manager', want: after('CERT_MANAGER=v', DEFINITIONS) },
    { what: 'Prometheus operator', want: after('PROMETHEUS_OPERATOR=v', DEFINITIONS) },
    { what: 'Gateway API', want: after('GATEWAY_API=v', DEFINITIONS) },
    { what: 'OpenID Connect', want: pkg.devDependencies['oidc-provider'] },
    { what: 'OpenID Connect', want: after('VERSION=', 'test/live/rig/keycloak.sh') },
    { what: 'introspection', want: pkg.devDependencies['oidc-provider'] },
  ];
  for (const { what, want } of pinned) {
    void test(`${what} is tested with ${want}`, () => {
      assert.match(want, /^\d+\.\d+/);
      assert.match(cell(what, 'tested with'), new RegExp(`(?<![\\d.])${pattern(want)}(?![\\d.]*\\d)`));
    });
  }

  void test('the oldest versions are those that program and chart refuse less than', () => {
    assert.equal(cell('Node.js for the broker', 'works with'), `${pkg.engines.node.replace('>=', '')} and later`);
    const chart = /^>=(\d+\.\d+)\.0-0$/.exec(String(at(document('chart/Chart.yaml'), 'kubeVersion')))?.[1];
    assert.match(cell('Kubernetes', 'works with'), new RegExp(`^${pattern(chart ?? '')} and later`));
  });

  void test('what Debian has is what is installed for the tests', () => {
    const installed = read('.ci/install');
    for (const name of ['slapd', 'samba-ad-dc', '389-ds', 'nginx', 'redis-server', 'prometheus', 'buildah runc']) {
      assert.ok(installed.includes(name), name);
    }
  });
});

/** Matches the text itself. */
function pattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
