// What is legal and probably not meant.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, HEAD } from './setup.ts';

const provider = (name: string, more = '', type = 'every'): string =>
  `  - name: ${name}\n    type: ${type}\n    options: ${type === 'every' ? '{ url: https://a.example }' : '{}'}\n${more}`;
const mapped = (username: string): string => `    claimMappings:\n      username: ${username}\n`;
const warningsOf = (providers: readonly string[], more = ''): readonly string[] =>
  configOf(`${HEAD}${more}providers:\n${providers.join('')}`).warnings;

const NO_LOGIN =
  'every username starts with system:, so every login is refused; change the prefix, or list names in reserved.usernames';
const NO_GROUP =
  'every group starts with system:, so every group is dropped; change the prefix, or list groups in reserved.groups';
const OVERLAP = (path: string, a: string, b: string): string =>
  `endpoint ${path}: providers ${a} and ${b} could yield the same username; give them different prefixes`;

void describe('two providers that could yield the same username', () => {
  const ldap = mapped('{ claim: uid, prefix: "corp:" }');
  const rows: { name: string; given: readonly string[]; more?: string; want: readonly string[] }[] = [
    { name: 'not by default: the prefix is the name', given: [provider('a'), provider('b')], want: [] },
    {
      name: 'by the same prefix',
      given: [provider('a', ldap), provider('b', ldap)],
      want: [OVERLAP('/authenticate', 'a', 'b')],
    },
    {
      name: 'by an expression',
      given: [provider('a', mapped("{ expression: 'claims.uid' }")), provider('b')],
      want: [OVERLAP('/authenticate', 'a', 'b')],
    },
    {
      name: 'each pair of three',
      given: [provider('a', ldap), provider('b', ldap), provider('c', ldap)],
      want: [
        OVERLAP('/authenticate', 'a', 'b'),
        OVERLAP('/authenticate', 'a', 'c'),
        OVERLAP('/authenticate', 'b', 'c'),
      ],
    },
    {
      name: 'only where one endpoint has both',
      given: [provider('a', ldap), provider('b', ldap)],
      more: 'webhook: { endpoints: [{ path: /a, providers: [a] }, { path: /b, providers: [b] }] }\n',
      want: [],
    },
    {
      name: 'the default of another provider',
      given: [provider('a'), provider('b', mapped('{ claim: x, prefix: "a:" }'))],
      want: [OVERLAP('/authenticate', 'a', 'b')],
    },
  ];
  for (const { name, given, more, want } of rows) {
    void test(name, () => assert.deepEqual(warningsOf(given, more), want));
  }
});

void describe('other doubts', () => {
  const rows: { name: string; given: readonly string[]; more?: string; want: readonly string[] }[] = [
    {
      name: 'a provider that no endpoint uses',
      given: [provider('a'), provider('b')],
      more: 'webhook: { endpoints: [{ path: /a, providers: [a] }] }\n',
      want: ['provider b is used by no endpoint'],
    },
    {
      name: 'a login where no password arrives',
      given: [provider('a', '    login: "credential.username"\n', 'bearer')],
      want: ['provider a: login has no effect, because it takes no passwords'],
    },
    {
      name: 'names that are all reserved for Kubernetes',
      given: [provider('system')],
      want: [NO_LOGIN, NO_GROUP].map((text) => `provider system: ${text}`),
    },
    {
      name: 'the same by a prefix that only looks different',
      given: [
        provider(
          'a',
          `${mapped('{ claim: a, prefix: "System:node:" }')}      groups: { claim: a, prefix: "system:" }\n`,
        ),
      ],
      want: [NO_LOGIN, NO_GROUP].map((text) => `provider a: ${text}`),
    },
    {
      name: 'not those that are reserved for this provider',
      given: [provider('system', '    reserved: { usernames: ["system:a"], groups: ["system:b"] }\n')],
      want: [],
    },
    {
      name: 'what the provider type says itself',
      given: ['  - { name: a, type: every, options: { url: https://a.example, method: HEAD } }\n'],
      want: ['provider a: HEAD is odd'],
    },
    {
      name: 'stale verdicts, with how long they last',
      given: [provider('a')],
      more: 'cache: { authenticatedTTL: 1m, staleOnUnavailable: 30m }\n',
      want: [
        'cache.staleOnUnavailable: during an outage a removed user may still be let in, up to 31m after the last check',
      ],
    },
  ];
  for (const { name, given, more, want } of rows) {
    void test(name, () => assert.deepEqual(warningsOf(given, more), want));
  }
});
