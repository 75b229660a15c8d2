// The way from kubehook: its configuration loads as it stands, and no flag or path of kubehook is forgotten.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { faultsOf } from '../docs/shipped-loader.ts';

const page = readFileSync(new URL('../../deploy/migrate-from-kubehook.md', import.meta.url), 'utf8');

/** `kubehook --help`, and the routes of its cmd/kubehook/kubehook.go. */
const FLAGS = [
  'listen',
  'debug',
  'shutdown-grace-period',
  'audience',
  'user-header',
  'group-header',
  'group-header-delimiter',
  'max-lifetime',
  'kubecfg-template',
  'client-ca',
  'client-ca-subject',
  'tls-cert',
  'tls-key',
];
const ROUTES = ['/generate', '/authenticate', '/quitquitquit', '/healthz', '/kubecfg', '/client'];

void describe('deploy/migrate-from-kubehook.md', () => {
  void test('has a configuration that loads', () => {
    const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
    assert.match(yaml, /kubehookCompatible: true/);
    assert.deepEqual(faultsOf(yaml), []);
  });

  void test('names every flag of kubehook', () => {
    assert.deepEqual(
      FLAGS.filter((flag) => !new RegExp(`\`--${flag}[\`=]`).test(page)),
      [],
    );
  });

  void test('names every path of kubehook', () => {
    assert.deepEqual(
      ROUTES.filter((route) => !page.includes(route)),
      [],
    );
  });
});
