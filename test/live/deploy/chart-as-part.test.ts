// The chart can be part of another one, which turns it on and off and shares its global values.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { requirePrograms } from '../apiserver/programs.ts';
import { temporaryFolder } from '../rig/temp.ts';
import { CHART, helmTemplate } from './kustomize.ts';

void describe('a chart that has this one as a part', { skip: requirePrograms('helm') }, () => {
  const umbrella = join(temporaryFolder('umbrella'), 'umbrella');
  const dependency = { name: 'kube-auth-broker', version: '*', condition: 'kube-auth-broker.enabled' };
  const shared = { global: { anything: { at: 'all' }, imagePullSecrets: [{ name: 'pull-umbrella' }] } };

  before(() => {
    mkdirSync(join(umbrella, 'charts'), { recursive: true });
    cpSync(CHART, join(umbrella, 'charts/kube-auth-broker'), { recursive: true });
    const chart = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies: [dependency] };
    writeFileSync(join(umbrella, 'Chart.yaml'), stringify(chart));
  });

  void it('turns it on by its condition, and shares its global values', async () => {
    const text = await helmTemplate({ ...shared, 'kube-auth-broker': { enabled: true } }, umbrella);
    assert.match(text, /kind: DaemonSet/);
    assert.match(text, /name: pull-umbrella/);
  });

  void it('turns it off', async () => {
    assert.doesNotMatch(await helmTemplate({ ...shared, 'kube-auth-broker': { enabled: false } }, umbrella), /kind:/);
  });
});
