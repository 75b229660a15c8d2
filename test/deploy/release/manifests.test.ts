// The manifests of package managers: every download once, with the name, the place and the checksum that the release gives it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { manifestsOf } from '../../../deploy/release/manifests.ts';
import { archiveOf, PLATFORMS } from '../../../deploy/release/platforms.ts';
import pkg from '../../../package.json' with { type: 'json' };
import { at, list } from '../files.ts';

const downloads = PLATFORMS.map(({ os, arch }, index) => ({ platform: { os, arch }, sha256: `${index}a`.repeat(32) }));
const files = manifestsOf(downloads);
const read = (name: string): unknown => parse(files[name] ?? assert.fail(`no ${name}`));
const urls = downloads.map(
  ({ platform }) =>
    `https://github.com/kube-auth-broker/kube-auth-broker/releases/download/v${pkg.version}/${archiveOf('kubectl-broker', pkg.version, platform)}`,
);

void describe('the krew manifest', () => {
  const manifest = read('krew/broker.yaml');

  void test('is a plugin that kubectl calls `broker`', () => {
    assert.equal(at(manifest, 'apiVersion'), 'krew.googlecontainertools.github.com/v1alpha2');
    assert.deepEqual([at(manifest, 'kind'), at(manifest, 'metadata', 'name')], ['Plugin', 'broker']);
    assert.equal(at(manifest, 'spec', 'version'), `v${pkg.version}`);
    assert.ok(String(at(manifest, 'spec', 'shortDescription')).length <= 50);
  });

  void test('has every download', () => {
    const platforms = list(manifest, 'spec', 'platforms');
    assert.deepEqual(
      platforms.map((platform) => [
        at(platform, 'uri'),
        at(platform, 'sha256'),
        at(platform, 'selector', 'matchLabels'),
      ]),
      downloads.map(({ platform, sha256 }, index) => [urls[index], sha256, platform]),
    );
    for (const platform of platforms) {
      assert.ok(list(platform, 'files').some((file) => at(file, 'from') === at(platform, 'bin')));
    }
  });
});

void describe('the Homebrew formula', () => {
  const formula = files['homebrew/kubectl-broker.rb'] ?? '';

  void test('has every download that is not for Windows, each under its system and processor', () => {
    const found = [...formula.matchAll(/on_(arm|intel) do\n\s+url "(\S+)"\n\s+sha256 "(\w+)"/g)];
    const wanted = downloads
      .map(({ sha256 }, index) => [urls[index], sha256])
      .filter(([url]) => !url?.includes('windows'));
    assert.deepEqual(
      new Set(found.map(([, , url, sha256]) => `${url} ${sha256}`)),
      new Set(wanted.map((pair) => pair.join(' '))),
    );
    for (const [, cpu, url] of found) assert.equal(cpu === 'arm', url?.includes('arm64'));
    const [, onMac = '', onLinux = ''] = formula.split(/^  on_(?:macos|linux) do$/m);
    assert.doesNotMatch(onMac, /linux_/);
    assert.doesNotMatch(onLinux, /darwin_/);
  });

  void test('closes what it opens', () => {
    const opened = formula.match(/\bdo$|^class |^  def /gm) ?? [];
    assert.equal(formula.match(/^ *end$/gm)?.length, opened.length);
  });
});

void describe('the winget manifests', () => {
  const id = 'KubeAuthBroker.KubectlBroker';
  const all = {
    version: read(`winget/${id}.yaml`),
    installer: read(`winget/${id}.installer.yaml`),
    defaultLocale: read(`winget/${id}.locale.en-US.yaml`),
  };

  void test('belong together', () => {
    for (const [type, manifest] of Object.entries(all)) {
      assert.deepEqual(
        ['PackageIdentifier', 'PackageVersion', 'ManifestType', 'ManifestVersion'].map((key) => at(manifest, key)),
        [id, pkg.version, type, '1.10.0'],
      );
    }
  });

  void test('have what the schemas want', () => {
    const [installer, ...others] = list(all.installer, 'Installers');
    assert.deepEqual(others, []);
    const index = downloads.findIndex(({ platform }) => platform.os === 'windows');
    assert.deepEqual(installer, {
      Architecture: 'x64',
      InstallerUrl: urls[index],
      InstallerSha256: downloads[index]?.sha256.toUpperCase(),
    });
    assert.equal(at(all.installer, 'NestedInstallerFiles', 0, 'RelativeFilePath'), 'kubectl-broker.exe');
    for (const key of ['PackageLocale', 'Publisher', 'PackageName', 'License', 'ShortDescription']) {
      assert.equal(typeof at(all.defaultLocale, key), 'string', key);
    }
  });
});

void test('a platform without a download is no release', () => {
  assert.throws(() => manifestsOf(downloads.slice(1)), /no download for linux-x64/);
});
