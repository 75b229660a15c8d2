// A configuration: its defaults, its values, and where its files and secrets come from.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from '../../src/core/secret.ts';
import { configOf, errorsOf, every, HEAD, loadText, PROVIDER } from './setup.ts';

const withOptions = (options: string): string =>
  `${HEAD}providers:\n  - name: web\n    type: every\n    options:\n      url: https://idp.example/\n${options.replaceAll(/^/gm, '      ')}\n`;

const optionsOf = (text: string, outside?: Parameters<typeof configOf>[1]): Readonly<Record<string, unknown>> =>
  Object(configOf(text, outside).providers[0]?.upstream?.options);

const reveal = (value: unknown): string => (value instanceof Secret ? value.reveal() : assert.fail('no secret'));

void test('what is left out has its default', () => {
  const { webhook, operations, providers, cache, limits, ignoreIssuers, log, warnings } = configOf(HEAD + PROVIDER);
  assert.deepEqual(webhook, {
    address: { host: '127.0.0.1', port: 8443 },
    http2: true,
    endpoints: [{ path: '/authenticate', providers: ['web'] }],
  });
  assert.deepEqual(operations, { address: { host: '127.0.0.1', port: 9090 } });
  assert.deepEqual(cache, {
    authenticatedTTLMs: 60_000,
    rejectedTTLMs: 10_000,
    staleOnUnavailableMs: 0,
    maxEntries: 10_000,
    maxBytes: 67_108_864,
  });
  assert.deepEqual(limits, {
    tokenBytes: 16_384,
    bodyBytes: 131_072,
    reviewTimeoutMs: 4500,
    concurrentReviews: 2048,
    failedPasswords: { max: 5, windowMs: 300_000 },
  });
  assert.deepEqual(ignoreIssuers, [
    'kubernetes/serviceaccount',
    'https://kubernetes.default.svc',
    'https://kubernetes.default.svc.cluster.local',
  ]);
  assert.deepEqual(log, { level: 'info', format: 'json' });
  assert.deepEqual(warnings, []);
  const { upstream, mapping, ...provider } = providers[0] ?? assert.fail();
  assert.equal(upstream?.module, every);
  assert.deepEqual(mapping.username, { kind: 'claim', claim: 'username', prefix: 'web:' });
  assert.deepEqual(provider, {
    name: 'web',
    type: 'every',
    accepts: ['password'],
    issuers: [],
    timeoutMs: 2500,
    onUnavailable: 'continue',
    concurrency: 64,
    identityRules: { reserved: { groups: [], usernames: [] }, maxGroups: 1000, groupsOverLimit: 'reject' },
  });
});

void describe('values', () => {
  void test('an endpoint lists its providers in its own order', () => {
    const text = `${HEAD}webhook:
  endpoints:
    - path: /a
      providers: [second, first]
      audiences: [x]
    - path: /
providers:
  - { name: first, type: every, options: { url: https://a.example } }
  - { name: second, type: bearer }
`;
    assert.deepEqual(configOf(text).webhook.endpoints, [
      { path: '/a', providers: ['second', 'first'], audiences: ['x'] },
      { path: '/', providers: ['first', 'second'] },
    ]);
  });
  void test('0 turns a cache off, with or without a unit', () => {
    const { cache } = configOf(`${HEAD}cache: { authenticatedTTL: 0, rejectedTTL: 0s }\n${PROVIDER}`);
    assert.deepEqual([cache.authenticatedTTLMs, cache.rejectedTTLMs], [0, 0]);
  });
  void test('sizes may be plain numbers', () => {
    assert.equal(configOf(`${HEAD}limits: { tokenBytes: 1024, bodyBytes: 2KiB }\n${PROVIDER}`).limits.tokenBytes, 1024);
  });
  void test('a configuration is not shared between loads', () => {
    assert.notEqual(configOf(HEAD + PROVIDER).ignoreIssuers, undefined);
    assert.notEqual(configOf(HEAD + PROVIDER).providers, configOf(HEAD + PROVIDER).providers);
  });
});

void describe('secrets', () => {
  const CANARY = 'canary-7281';
  const rows: { name: string; file: string; want: string }[] = [
    { name: 'as it is', file: CANARY, want: CANARY },
    { name: 'without its trailing newline', file: `${CANARY}\n`, want: CANARY },
    { name: 'without a Windows one', file: `${CANARY}\r\n`, want: CANARY },
    { name: 'with all newlines but the last', file: `\n${CANARY}\n\n`, want: `\n${CANARY}\n` },
    { name: 'with spaces around', file: ` ${CANARY} \n`, want: ` ${CANARY} ` },
  ];
  for (const { name, file, want } of rows) {
    void test(`from a file, ${name}`, () => {
      const { secret } = optionsOf(withOptions('secret: { file: secrets/x }'), { files: { 'secrets/x': file } });
      assert.equal(reveal(secret), want);
    });
  }
  void test('from the environment, unchanged', () => {
    const { secret } = optionsOf(withOptions('secret: { env: X }'), { env: { X: `${CANARY}\n` } });
    assert.equal(reveal(secret), `${CANARY}\n`);
  });
  const faults: { name: string; given: string; outside?: Parameters<typeof configOf>[1]; want: string }[] = [
    { name: 'a missing file is named', given: '{ file: no }', want: 'cannot read /etc/broker/no: no such file' },
    {
      name: 'an absolute one, too',
      given: '{ file: /run/forbidden }',
      want: 'cannot read /run/forbidden: permission denied',
    },
    {
      name: 'an empty file',
      given: '{ file: x }',
      outside: { files: { x: '\n' } },
      want: 'the file /etc/broker/x is empty',
    },
    { name: 'a variable that is not set', given: '{ env: NO }', want: 'the environment variable NO is not set' },
    {
      name: 'a variable that every object has',
      given: '{ env: constructor }',
      want: 'the environment variable constructor is not set',
    },
    {
      name: 'an empty variable',
      given: '{ env: X }',
      outside: { env: { X: '' } },
      want: 'the environment variable X is empty',
    },
    {
      name: 'a secret in the file itself',
      given: CANARY,
      want: 'must be { file: path } or { env: NAME }, never the secret itself',
    },
    { name: 'a list', given: `[${CANARY}]`, want: 'must be { file: path } or { env: NAME }, never the secret itself' },
    {
      name: 'another key',
      given: `{ value: ${CANARY} }`,
      want: 'must be { file: path } or { env: NAME }, never the secret itself',
    },
    {
      name: 'both',
      given: '{ file: x, env: X }',
      want: 'must be { file: path } or { env: NAME }, never the secret itself',
    },
  ];
  for (const { name, given, outside, want } of faults) {
    void test(name, () => {
      const errors = errorsOf(withOptions(`secret: ${given}`), outside);
      assert.deepEqual(
        errors.map((error) => error.replace(/^\d+:\d+: /, '')),
        [`providers[0].options.secret: ${want}`],
      );
      assert.doesNotMatch(errors.join(), new RegExp(CANARY));
    });
  }
  void test('no print of the configuration shows one', () => {
    const config = configOf(withOptions('secret: { env: X }'), { env: { X: CANARY } });
    assert.doesNotMatch(inspect(config, { depth: 20, showHidden: true }) + JSON.stringify(config), new RegExp(CANARY));
  });
});

void describe('files', () => {
  void test('all that were read or should have been are named, the configuration first', () => {
    const text = withOptions('secret: { file: secrets/x }\nlist: ./a/../list.yaml\ntls: { caFile: /abs/ca.pem }');
    const files = ['/etc/broker/broker.yaml', '/abs/ca.pem', '/etc/broker/list.yaml', '/etc/broker/secrets/x'];
    const loaded = loadText(text, { files: { 'secrets/x': 'x' } });
    assert.equal(loaded.ok, false);
    assert.deepEqual(loaded.files.toSorted(), files.toSorted());
    assert.equal(loaded.files[0], files[0]);
  });
  void test('a file of the options has its path and its text', () => {
    assert.deepEqual(optionsOf(withOptions('list: list.yaml'), { files: { 'list.yaml': 'x\n' } })['list'], {
      path: '/etc/broker/list.yaml',
      text: 'x\n',
    });
  });
});
