// Any text as a configuration: a Config or diagnostics, never a throw, and never the content of a secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { formatDiagnostic, type Loaded } from '../../src/settings/load.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { HEAD, loadText } from './setup.ts';

const CANARY = 'Canary7281Canary';
const pair = issueLoopback(makeAuthority('any text'));
const OUTSIDE = {
  files: { 'tls.crt': pair.cert, 'tls.key': pair.key, 'secrets/x': `${CANARY}\n` },
  env: { X: CANARY },
};

const WHOLE = `${HEAD}webhook:
  address: 127.0.0.1:8443
  tls: { certFile: tls.crt, keyFile: tls.key, minVersion: TLSv1.2 }
  endpoints:
    - { path: /authenticate, providers: [web, idp], audiences: [a] }
operations: { address: "127.0.0.1:9090" }
providers:
  - name: web
    type: every
    match: "credential.username.endsWith('@corp')"
    login: "credential.username"
    timeout: 1s
    options:
      url: https://idp.example/
      secret: { file: secrets/x }
    claimMappings:
      username: { claim: uid, prefix: "x:" }
      extra: [{ key: example.org/a, valueExpression: "claims.a" }]
    reserved: { groups: ["system:masters"] }
  - { name: idp, type: bearer }
cache: { authenticatedTTL: 60s, maxEntries: 10 }
limits: { tokenBytes: 16KiB, failedPasswords: { max: 5, window: 5m } }
log: { level: info, format: json }
`;

function check(text: string): Loaded {
  const loaded = loadText(text, OUTSIDE);
  if (loaded.ok) {
    const printed = inspect(loaded.config, { depth: 20, showHidden: true });
    assert.equal(printed.includes(CANARY), false);
    return loaded;
  }
  assert.notEqual(loaded.errors.length, 0);
  for (const error of loaded.errors) {
    assert.equal(formatDiagnostic(error).includes(CANARY), false);
    assert.equal(error.line >= 1 && error.column >= 1, true);
  }
  return loaded;
}

void test('the whole one is good', () => assert.equal(check(WHOLE).ok, true));

const lines = WHOLE.split('\n');
const odd = fc.constantFrom(
  '',
  '~',
  '[]',
  '{}',
  '0',
  '-1',
  '1e99',
  'true',
  '&a x',
  '*a',
  '!t x',
  '"\\q"',
  '<<: {a: 1}',
  '?',
  '- -',
  '\t',
  '\ufeff',
  '__proto__: 1',
  '%YAML 1.1',
  '...',
  '---',
  '|',
  '>-',
  '.nan',
  '{ file: secrets/x }',
  '{ env: X }',
  '{ env: __proto__ }',
  '{ file: "\\0" }',
);

const mutations: fc.Arbitrary<string> = fc.oneof(
  fc
    .record({
      at: fc.nat(WHOLE.length),
      how: fc.nat(3),
      text: fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 5 })),
    })
    .map(({ at, how, text }) => {
      const cut = how === 0 ? 0 : how;
      return WHOLE.slice(0, at) + text + WHOLE.slice(at + cut);
    }),
  fc
    .record({ line: fc.nat(lines.length - 1), value: odd })
    .map(({ line, value }) =>
      lines.map((each, index) => (index === line ? each.replace(/: .*$/, `: ${value}`) : each)).join('\n'),
    ),
  fc
    .tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1))
    .map(([from, to]) => lines.toSpliced(to, 0, lines[from] ?? '').join('\n')),
  fc.nat(lines.length - 1).map((line) => lines.toSpliced(line, 1).join('\n')),
  fc.nat(lines.length - 1).map((line) => lines.map((each, index) => (index === line ? ` ${each}` : each)).join('\n')),
);

void test('a mutated one never throws, and never prints a secret', () => {
  fc.assert(
    fc.property(mutations, (text) => void check(text)),
    { numRuns: 70 },
  );
});

void test('any text at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
      assert.equal(check(text).ok, false);
    }),
    { numRuns: 50 },
  );
});

void test('values of the wrong type, anywhere', () => {
  const value = fc.jsonValue({ maxDepth: 2 });
  const keys = [
    'webhook',
    'operations',
    'providers',
    'cache',
    'limits',
    'ignoreIssuers',
    'log',
    'apiVersion',
    'issuer',
    'portal',
  ];
  const entry = fc.dictionary(fc.constantFrom('name', 'type', 'options', 'match', 'claimMappings', 'reserved'), value);
  const document = fc.oneof(
    fc.dictionary(fc.constantFrom(...keys), value),
    fc.array(entry, { maxLength: 3 }).map((providers) => ({ apiVersion: 'kube-auth-broker/v1', providers })),
    entry.map((provider) => ({ providers: [{ ...provider, type: 'every' }], webhook: { endpoints: [provider] } })),
  );
  fc.assert(
    fc.property(document, (object) => assert.equal(check(JSON.stringify(object)).ok, false)),
    { numRuns: 50 },
  );
});

void test('lists 20,000 levels deep, and a value of a megabyte', () => {
  for (const text of [
    '['.repeat(20_000),
    `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `a: ${'x'.repeat(1 << 20)}`,
  ]) {
    assert.equal(check(text).ok, false);
  }
});
