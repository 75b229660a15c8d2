// Errors of a configuration: every one at once, each at its place, in words that say what to do.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/settings/load.ts';
import { errorsOf, HEAD, MODULES, PROVIDER } from './setup.ts';

void describe('one error', () => {
  const rows: { name: string; given: string; want: string }[] = [
    {
      name: 'an unknown key',
      given: `${HEAD}webhok: {}\n${PROVIDER}`,
      want: '3:1: webhok: unknown key (did you mean "webhook"?)',
    },
    { name: 'an unknown key like no other', given: `${HEAD}xyzzy: 1\n${PROVIDER}`, want: '3:1: xyzzy: unknown key' },
    {
      name: 'an unknown key in a provider',
      given: `${HEAD}${PROVIDER}    timeOut: 1s\n`,
      want: '7:5: providers[0].timeOut: unknown key (did you mean "timeout"?)',
    },
    {
      name: 'an unknown key in options',
      given: HEAD + PROVIDER.replace('{ url', '{ metod: GET, url'),
      want: '6:16: providers[0].options.metod: unknown key (did you mean "method"?)',
    },
    { name: 'a duplicate key', given: `${HEAD}log: {}\nlog: {}\n${PROVIDER}`, want: '4:1: this key is here twice' },
    {
      name: 'no version',
      given: `kind: BrokerConfiguration\n${PROVIDER}`,
      want: '1:1: apiVersion: must be kube-auth-broker/v1',
    },
    {
      name: 'another version',
      given: HEAD.replace('/v1', '/v2') + PROVIDER,
      want: '1:13: apiVersion: must be kube-auth-broker/v1 (did you mean "kube-auth-broker/v1"?)',
    },
    { name: 'no providers', given: HEAD, want: '1:1: providers: is required' },
    { name: 'an empty list of providers', given: `${HEAD}providers: []`, want: '3:1: providers: must not be empty' },
    { name: 'a map of providers', given: `${HEAD}providers: {}`, want: '3:1: providers: must be a list, not a map' },
    {
      name: 'an unknown type',
      given: HEAD + PROVIDER.replace('every', 'evry'),
      want: '5:11: providers[0].type: must be one of every, bearer, issued (did you mean "every"?)',
    },
    {
      name: 'no type',
      given: `${HEAD}providers: [{ name: a }]`,
      want: '3:13: providers[0].type: is required: one of every, bearer, issued',
    },
    { name: 'a provider that is a word', given: `${HEAD}providers: [ldap]`, want: '3:13: providers[0]: must be a map' },
    {
      name: 'a name that is no label',
      given: HEAD + PROVIDER.replace('name: web', 'name: Web 1'),
      want: '4:11: providers[0].name: must be letters, digits, dots, hyphens and underscores, at most 63',
    },
    {
      name: 'a duration without a unit',
      given: `${HEAD}cache: { rejectedTTL: 30 }\n${PROVIDER}`,
      want: '3:23: cache.rejectedTTL: is not a duration; write for example 500ms, 30s, 2m or 1h30m',
    },
    {
      name: 'a duration out of range',
      given: `${HEAD}limits: { reviewTimeout: 1m }\n${PROVIDER}`,
      want: '3:26: limits.reviewTimeout: must be between 50ms and 4.5s',
    },
    {
      name: 'a size that is none',
      given: `${HEAD}limits: { bodyBytes: 1kB }\n${PROVIDER}`,
      want: '3:22: limits.bodyBytes: is not a size; write for example 512, 16KiB or 1MiB',
    },
    {
      name: 'too few',
      given: `${HEAD}cache: { maxEntries: 0 }\n${PROVIDER}`,
      want: '3:22: cache.maxEntries: must be at least 1',
    },
    {
      name: 'a fraction',
      given: `${HEAD}cache: { maxEntries: 1.5 }\n${PROVIDER}`,
      want: '3:22: cache.maxEntries: must be a whole number, not a number',
    },
    {
      name: 'a choice that is none',
      given: `${HEAD}log: { level: warning }\n${PROVIDER}`,
      want: '3:15: log.level: must be debug or info or warn or error',
    },
    {
      name: 'null for a map that is no optional section',
      given: `${HEAD}webhook:\n  tls:\n${PROVIDER}`,
      want: '4:7: webhook.tls: must be a map, not null',
    },
    {
      name: 'a match that is no expression',
      given: `${HEAD}${PROVIDER}    match: 5\n`,
      want: '7:12: providers[0].match: must be an expression in quotes, true or false',
    },
    {
      name: 'more wrong passwords than can be said',
      given: `${HEAD}limits: { failedPasswords: { max: 1000001 } }\n${PROVIDER}`,
      want: '3:35: limits.failedPasswords.max: must be at most 1000000',
    },
    {
      name: 'an address',
      given: `${HEAD}operations: { address: 9090 }\n${PROVIDER}`,
      want: '3:24: operations.address: must be a string, not a number',
    },
    {
      name: 'an address without a port',
      given: `${HEAD}operations: { address: localhost }\n${PROVIDER}`,
      want: '3:24: operations.address: must be host:port, for example 127.0.0.1:8443',
    },
    {
      name: 'a public address without TLS',
      given: `${HEAD}webhook: { address: ":8443" }\n${PROVIDER}`,
      want: '3:21: webhook.address: 0.0.0.0 is not a loopback address, and tokens must not travel in clear: configure webhook.tls',
    },
    {
      name: 'a path with a slash behind it',
      given: `${HEAD}webhook: { endpoints: [{ path: /a/ }] }\n${PROVIDER}`,
      want: '3:32: webhook.endpoints[0].path: must be a path such as /authenticate, without a slash at its end',
    },
    {
      name: 'a provider that is not there',
      given: `${HEAD}webhook: { endpoints: [{ path: /a, providers: [wbe] }] }\n${PROVIDER}`,
      want: '3:48: webhook.endpoints[0].providers[0]: there is no provider wbe (did you mean "web"?)',
    },
    {
      name: 'a provider that is listed twice',
      given: `${HEAD}webhook: { endpoints: [{ path: /a, providers: [web, web] }] }\n${PROVIDER}`,
      want: '3:53: webhook.endpoints[0].providers[1]: web is in this list already',
    },
    {
      name: 'a path that is there twice',
      given: `${HEAD}webhook: { endpoints: [{ path: /a }, { path: /a }] }\n${PROVIDER}`,
      want: '3:46: webhook.endpoints[1].path: /a is there already; every path must be unique',
    },
    {
      name: 'a name that is there twice',
      given: `${HEAD}${PROVIDER}  - { name: web, type: bearer }\n`,
      want: '7:13: providers[1].name: web is there already; every name must be unique',
    },
    {
      name: 'a required option',
      given: `${HEAD}providers: [{ name: web, type: every }]`,
      want: '3:13: providers[0].options.url: is required',
    },
    {
      name: 'plain http to another host',
      given: HEAD + PROVIDER.replace('https', 'http'),
      want: '6:21: providers[0].options.url: must use https: plain http sends credentials in clear, and is allowed to a loopback host only',
    },
    {
      name: 'an expression, at the very place',
      given: `${HEAD}${PROVIDER}    match: "credential.username == claim"\n`,
      want: '7:36: providers[0].match: unknown variable: claim, at column 24 of the expression',
    },
    { name: 'a document that is a word', given: 'hello', want: '1:1: must be a map, not a string' },
    { name: 'a document that is a list', given: '- a', want: '1:1: must be a map, not a list' },
  ];
  for (const { name, given, want } of rows) void test(name, () => assert.deepEqual(errorsOf(given), [want]));
});

void test('every error at once, in the order of the file', () => {
  const text = `apiVersion: v1
kind: Broker
webhook:
  address: 0.0.0.0:8443
  endpoints:
    - path: bad
      providers: [nobody]
cache:
  rejectedTTL: 5
  maxEntry: 1
providers:
  - name: web site
    type: every
    timeout: 90s
    options:
      url: http://idp.example
      secret: { file: missing }
      tls: { certFile: missing.pem }
  - name: web site
    type: nothing
log: { level: loud }
`;
  const places = errorsOf(text).map((error) => error.split(': ').slice(0, 2).join(' '));
  assert.deepEqual(places, [
    '1:13 apiVersion',
    '2:7 kind',
    '4:12 webhook.address',
    '6:13 webhook.endpoints[0].path',
    '7:19 webhook.endpoints[0].providers[0]',
    '9:16 cache.rejectedTTL',
    '10:3 cache.maxEntry',
    '12:11 providers[0].name',
    '14:14 providers[0].timeout',
    '16:12 providers[0].options.url',
    '17:7 providers[0].options.secret',
    '18:7 providers[0].options.tls',
    '18:24 providers[0].options.tls.certFile',
    '19:11 providers[1].name',
    '19:11 providers[1].name',
    '20:11 providers[1].type',
    '21:15 log.level',
  ]);
});

void test('sixteen thousand errors at once', () => {
  const keys = Array.from({ length: 16_000 }, (_, index) => `unknown${index}: 1\n`).join('');
  const errors = errorsOf(`${HEAD}${keys}${PROVIDER}`);
  assert.equal(errors.length, 16_000);
  assert.equal(errors.at(-1), '16002:1: unknown15999: unknown key');
});

void test('a configuration that cannot be read is an error, too', () => {
  const rows = {
    'UTF-16': 'it is UTF-16; save it as UTF-8',
    ENOENT: 'no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a directory',
    EIO: 'EIO',
  };
  for (const [code, words] of Object.entries(rows)) {
    const readFile = (): string => {
      throw Object.assign(new Error('x'), { code });
    };
    const loaded = loadConfig('broker.yaml', { env: {}, modules: MODULES, nowMs: Date.now, readFile });
    assert.ok(!loaded.ok);
    const want = {
      file: 'broker.yaml',
      line: 1,
      column: 1,
      path: '',
      message: `cannot read the configuration: ${words}`,
    };
    assert.deepEqual(loaded.errors, [want]);
  }
});
