// Holds every metric, label and reason in alerts and dashboard against the tables they come from.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REPOSITORY, TAG } from '../../deploy/release/product.ts';
import { MALFORMED_REASONS, OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { METRIC_PREFIX, METRICS } from '../../src/telemetry/metric-table.ts';
import { anchorsOf, readPage } from '../docs/markdown.ts';
import { at, document, list, text } from './files.ts';

const rule = document('kubernetes/monitoring/prometheus-rule.yaml');
const alerts = list(rule, 'spec', 'groups').flatMap((group) => list(group, 'rules'));
const dashboard: unknown = JSON.parse(text('kubernetes/monitoring/dashboard.json'));
const targets = list(dashboard, 'panels').flatMap((panel) => list(panel, 'targets'));

const expressions = [
  ...alerts.map((alert) => ({ name: `alert ${String(at(alert, 'alert'))}`, expression: String(at(alert, 'expr')) })),
  ...list(dashboard, 'panels').flatMap((panel) =>
    list(panel, 'targets').map((target) => ({
      name: `panel ${String(at(panel, 'title'))}`,
      expression: String(at(target, 'expr')),
    })),
  ),
];

const ROWS = new Map(Object.entries(METRICS));
/** Labels that Prometheus, the histogram format and the discovery of targets add. */
const ADDED: ReadonlySet<string> = new Set(['instance', 'job', 'le']);
const REASONS: ReadonlySet<string> = new Set(
  [ABSTAIN_REASONS, REJECT_REASONS, OUTAGE_REASONS, MALFORMED_REASONS].flatMap((rows) => Object.keys(rows)),
);
const VALUES: Readonly<Record<string, ReadonlySet<string>>> = {
  reason: REASONS,
  verdict: new Set(['authenticated', 'rejected', 'unavailable', 'malformed', 'abstained']),
  result: new Set(['success', 'failure', 'hit', 'miss', 'shared', 'stale']),
};

interface Selector {
  readonly metric: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
}

/** The broker's own series that an expression reads, without the prefix and the histogram's suffix. */
function selectors(expression: string): readonly Selector[] {
  return [...expression.matchAll(new RegExp(`${METRIC_PREFIX}(\\w+)(?:\\{([^}]*)\\})?`, 'g'))].map(
    ([, name = '', matchers = '']) => ({
      metric: ROWS.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
      labels: [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', value = '']) => ({
        name: label,
        value,
      })),
    }),
  );
}

for (const { name, expression } of expressions) {
  void describe(name, () => {
    const read = selectors(expression);

    void it('reads metrics that exist', () => {
      for (const { metric } of read) assert.ok(ROWS.has(metric), `there is no metric ${METRIC_PREFIX}${metric}`);
    });

    void it('selects by labels and values that exist', () => {
      for (const { metric, labels } of read) {
        for (const { name: label, value } of labels) {
          assert.ok(ROWS.get(metric)?.labels.includes(label) || ADDED.has(label), `${metric} has no label ${label}`);
          for (const word of ADDED.has(label) ? [] : value.split('|')) {
            assert.ok(VALUES[label]?.has(word) ?? true, `${label} is never ${word}`);
          }
        }
      }
    });

    void it('groups by labels that exist', () => {
      const known = new Set([...read.flatMap(({ metric }) => ROWS.get(metric)?.labels ?? []), ...ADDED, 'host']);
      for (const [, labels = ''] of expression.matchAll(/\b(?:by|without)\s*\(([^)]*)\)/g)) {
        for (const label of labels.split(',')) assert.ok(known.has(label.trim()), `nothing has a label ${label}`);
      }
    });
  });
}

void describe('the dashboard', () => {
  void it('shows every metric of the broker', () => {
    const shown = new Set(
      targets.flatMap((target) => selectors(String(at(target, 'expr'))).map(({ metric }) => metric)),
    );
    assert.deepEqual(
      [...ROWS.keys()].filter((metric) => !shown.has(metric)),
      [],
    );
  });

  void it('says of every panel what it shows', () => {
    for (const panel of list(dashboard, 'panels')) {
      if (at(panel, 'type') !== 'row') assert.match(String(at(panel, 'description')), /\.$/);
    }
  });
});

void describe('the alerts', () => {
  void it('have names of their own, a severity, a summary and what to do', () => {
    const names = alerts.map((alert) => String(at(alert, 'alert')));
    assert.deepEqual([...new Set(names)], names);
    for (const alert of alerts) {
      assert.match(String(at(alert, 'labels', 'severity')), /^(?:critical|warning|info)$/);
      assert.ok(String(at(alert, 'annotations', 'summary')).length > 10);
      assert.match(String(at(alert, 'annotations', 'description')), /\.$/);
    }
  });

  void it('lead to what to do at them, in this version, and the page has no others', () => {
    const anchors = alerts.map((alert) => {
      const url = String(at(alert, 'annotations', 'runbook_url'));
      const prefix = `${REPOSITORY}/blob/${TAG}/deploy/alerts.md#`;
      assert.ok(url.startsWith(prefix), url);
      return url.slice(prefix.length);
    });
    const [title, ...known] = anchorsOf(readPage('deploy/alerts.md'));
    assert.equal(title, 'alerts');
    assert.deepEqual(anchors.toSorted(), known.toSorted());
    assert.deepEqual(
      anchors,
      alerts.map((alert) => String(at(alert, 'alert')).toLowerCase()),
    );
  });
});
