// Lets promtool judge the alerts, and run them against series that were written for them.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isMap, parseDocument, stringify, visit } from 'yaml';
import { at, document, list, parseYaml } from '../../deploy/files.ts';
import { run } from '../rig/command.ts';
import { findServer } from '../rig/installed.ts';
import { prometheusMissing } from '../rig/prometheus.ts';
import { temporaryFolder } from '../rig/temp.ts';

const rule = document('kubernetes/monitoring/prometheus-rule.yaml');
const CASES = join(import.meta.dirname, 'alerts.yaml');

function promtool(args: readonly string[]) {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const found = findServer([join(cache, 'kube-auth-broker/prometheus/usr/bin/promtool'), 'promtool']);
  return run(found ?? 'promtool', args);
}

/** Each alert that fires links its own page, which is told by the rule alone. */
function casesWithRunbooks(): string {
  const cases = parseDocument(readFileSync(CASES, 'utf8'));
  visit(cases, {
    Map: (_, expected, path) => {
      if (!expected.has('exp_annotations')) return;
      const alertname = path.flatMap((node) =>
        isMap(node) && node.has('alertname') ? [node.get('alertname')] : [],
      )[0];
      const alert = list(rule, 'spec', 'groups')
        .flatMap((group) => list(group, 'rules'))
        .find((one) => at(one, 'alert') === alertname);
      expected.setIn(['exp_annotations', 'runbook_url'], at(alert, 'annotations', 'runbook_url'));
    },
  });
  return cases.toString();
}

void describe('the alerts', { skip: prometheusMissing() }, () => {
  const folder = temporaryFolder('alerts');
  const rules = join(folder, 'rules.yaml');
  writeFileSync(rules, stringify(at(rule, 'spec')));

  void it('are rules that Prometheus takes', async () => {
    const { exitCode, stdout, stderr } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', rules]);
    assert.equal(exitCode, 0, stdout + stderr);
  });

  void it('fire when they should, and stay silent when they should not', async () => {
    writeFileSync(join(folder, 'alerts.yaml'), casesWithRunbooks());
    const { exitCode, stdout, stderr } = await promtool(['test', 'rules', join(folder, 'alerts.yaml')]);
    assert.equal(exitCode, 0, stdout + stderr);
  });

  void it('each have a case in which they fire and one in which they do not', () => {
    const cases = parseYaml(readFileSync(CASES, 'utf8'), CASES).flatMap((file) => list(file, 'tests'));
    const expected = cases.flatMap((test) => list(test, 'alert_rule_test'));
    const covered = (fires: boolean): Set<unknown> =>
      new Set(
        expected.filter((test) => list(test, 'exp_alerts').length > 0 === fires).map((test) => at(test, 'alertname')),
      );
    const names = list(rule, 'spec', 'groups').flatMap((group) =>
      list(group, 'rules').map((alert) => at(alert, 'alert')),
    );
    for (const name of names) {
      assert.ok(covered(true).has(name), `alerts.yaml never lets ${String(name)} fire`);
      assert.ok(covered(false).has(name), `alerts.yaml has no case in which ${String(name)} stays silent`);
    }
  });
});
