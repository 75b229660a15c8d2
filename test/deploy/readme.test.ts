// Proves what deploy/README.md says: every block, option, flag, metric, reason, key, port and file that it names.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { COMMANDS } from '../../src/cli/run.ts';
import { MALFORMED_REASONS, OUTAGE_REASONS } from '../../src/core/outage-reasons.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../../src/core/refusal-reasons.ts';
import { API_VERSION } from '../../src/settings/schema.ts';
import { METRIC_PREFIX, METRICS } from '../../src/telemetry/metric-table.ts';
import { anchorsOf, blocksOf, codeWords, linksOf, plain, ROOT, readPage, tableWith } from '../docs/markdown.ts';
import { at, configurationInPod, DEPLOY, defaults, document, list, parseYaml, text } from './files.ts';

const page = readPage('deploy/README.md');
const blocks = blocksOf(page);
const everywhere = (pattern: RegExp): string[] => [...page.text.matchAll(pattern)].map(([, found = '']) => found);
const shell = blocks
  .filter(({ language }) => language === 'sh')
  .map((block) => block.text.replaceAll(/\\\n\s*/g, ' '))
  .join('\n');

void describe('the blocks of deploy/README.md', () => {
  for (const { language, text: source, line } of blocks.filter((block) => block.language === 'yaml')) {
    const documents = parseYaml(source, `line ${line}`);
    for (const value of documents.filter((found) => at(found, 'apiVersion') === API_VERSION)) {
      void it(`the configuration in line ${line} starts without a warning`, () => {
        assert.deepEqual(configurationInPod(source).warnings, []);
        assert.equal(
          at(value, 'webhook', 'address'),
          at(document('kubernetes/node-local/broker.yaml'), 'webhook', 'address'),
        );
      });
    }
    void it(`the ${language} in line ${line} is a manifest`, () => {
      for (const value of documents) assert.equal(typeof at(value, 'kind'), 'string');
    });
  }

  void it('call commands with options that those have', () => {
    const calls = [
      ...page.text
        .replaceAll(/\\\n\s*/g, ' ')
        .matchAll(/kube-auth-broker(?:\.mjs|:0\.1\.0)? ([a-z-]+(?: webhook)?)((?: +[^\n`|;&>)]+)?)/g),
    ];
    const known = new Map(COMMANDS.map(({ name, help }) => [name, help]));
    const checked = calls.filter(([, name = '']) => known.has(name));
    for (const [, name = '', rest = ''] of checked) {
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        assert.ok(known.get(name)?.includes(option), `${name} has no option ${option}`);
      }
    }
    assert.ok(new Set(checked.map(([, name]) => name)).size >= 5);
  });

  void it('call make-certificates.sh with options that it has', () => {
    const script = text('apiserver/make-certificates.sh');
    const options = everywhere(/make-certificates\.sh((?: +--?[\w-]+(?: [A-Z]+)?)*)/g).flatMap(
      (rest) => rest.match(/--[a-z-]+/g) ?? [],
    );
    for (const option of options) assert.ok(script.includes(`  ${option} `), option);
    assert.ok(options.includes('--renew'));
  });

  void it('name files of this folder that exist', () => {
    for (const file of everywhere(/(?<![\w/-])(?:deploy\/)?((?:apiserver|kubernetes|chart)\/[\w./-]*\w)/g)) {
      assert.ok(existsSync(join(DEPLOY, file)), file);
    }
  });

  void it('create the Secrets that the pod mounts', () => {
    const mounted = ['kube-auth-broker-tls', 'kube-auth-broker-client-ca', 'kube-auth-broker-secrets'];
    const created = [...shell.matchAll(/create secret (?:tls|generic) (\S+)/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(created)].toSorted(), mounted.toSorted());
    const volumes = text('kubernetes/pod/pod.yaml');
    for (const name of mounted) assert.match(volumes, new RegExp(`(?:name|secretName): ${name}\\b`));
  });
});

void describe('the words of deploy/README.md', () => {
  void it('are reasons of the table', () => {
    const reasons = new Set([ABSTAIN_REASONS, REJECT_REASONS, OUTAGE_REASONS, MALFORMED_REASONS].flatMap(Object.keys));
    const named = everywhere(/reason="([^"]+)"/g);
    for (const reason of named) assert.ok(reasons.has(reason), reason);
    assert.ok(named.length > 10);
  });

  void it('are metrics of the table', () => {
    const named = everywhere(new RegExp(`${METRIC_PREFIX}(\\w+)`, 'g'));
    for (const name of named) assert.ok(Object.hasOwn(METRICS, name), name);
    assert.ok(named.length > 3);
  });

  void it('are keys of the configuration', () => {
    const schema: unknown = JSON.parse(readFileSync(join(ROOT, 'config/broker.schema.json'), 'utf8'));
    const named = everywhere(/`(?!webhook\.kubeconfig)((?:webhook|operations|cache|limits|log)(?:\.\w+)+)`/g);
    for (const key of named) {
      assert.notEqual(at(schema, ...key.split('.').flatMap((part) => ['properties', part])), undefined, key);
    }
    assert.ok(named.length > 5);
  });

  void it('are flags that the files set', () => {
    const args = list(document('apiserver/k3s.yaml'), 'kube-apiserver-arg');
    const flags = new Set(args.map((flag) => String(flag).split('=')[0]));
    for (const flag of everywhere(/--(authentication-token-webhook-[a-z-]+)/g)) assert.ok(flags.has(flag), flag);
  });

  void it('are ports of the program, or that of an API server', () => {
    const { webhook, operations } = defaults();
    const known = new Set([webhook.address.port, operations.address.port]);
    for (const port of everywhere(/(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)/g)) assert.ok(known.has(Number(port)), port);
  });

  void it('are links to what exists', () => {
    const anchors = anchorsOf(page);
    for (const target of linksOf(page)) {
      if (target.startsWith('#')) assert.ok(anchors.has(target.slice(1)), target);
      else assert.ok(existsSync(join(DEPLOY, target.replace(/#.*$/, ''))), target);
    }
  });

  void it('are values of the chart', () => {
    const values = document('chart/values.yaml');
    for (const [, name = ''] of shell.matchAll(/--set ([\w.]+)=/g)) {
      assert.notEqual(at(values, ...name.split('.')), undefined, name);
    }
  });
});

void describe('the tables of deploy/README.md', () => {
  void it('has thirty things that go wrong, each with cause, command and cure', () => {
    const { rows } = tableWith(page, ['symptom', 'cause', 'what tells', 'cure']);
    assert.ok(rows.length >= 30, `${rows.length} rows`);
    for (const row of rows) {
      for (const column of ['symptom', 'cause', 'what tells', 'cure']) {
        assert.notEqual(plain(row[column]), '', row['symptom']);
      }
    }
    const symptoms = rows.map((row) => row['symptom']);
    assert.deepEqual([...new Set(symptoms)], symptoms);
  });

  void it('adds up how long a removed user still gets in', () => {
    const { rows } = tableWith(page, ['who remembers', 'for', 'where it is set']);
    const seconds = rows.map((row) => secondsOf(plain(row['for']?.replaceAll('*', ''))));
    const [broker = 0, webhook = 0, tokens = 0, together = 0] = seconds;
    assert.equal(broker, defaults().cache.authenticatedTTLMs / 1000);
    assert.equal(webhook, 120);
    assert.equal(tokens, 10);
    assert.equal(together, broker + webhook + tokens);
    assert.deepEqual(
      rows.flatMap((row) => codeWords(row['where it is set'])),
      ['cache.authenticatedTTL', '--authentication-token-webhook-cache-ttl'],
    );
  });

  void it('remembers refusals as long as the program', () => {
    assert.match(page.text, new RegExp(`\`cache\\.rejectedTTL\` \\(${defaults().cache.rejectedTTLMs / 1000} s\\)`));
  });
});

/** `3 min 10 s`. */
function secondsOf(words: string): number {
  const [, minutes = '0'] = /(\d+) min/.exec(words) ?? [];
  const [, rest = '0'] = /(\d+) s/.exec(words) ?? [];
  return Number(minutes) * 60 + Number(rest);
}
