// What one error could hide: checks over several keys run although one of the keys failed, and guess nothing about it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorsOf, HEAD, PROVIDER } from './setup.ts';

void describe('what another error could hide', () => {
  const rows: { name: string; given: string; want: readonly string[] }[] = [
    {
      name: 'plain text to the world, behind endpoints of the wrong type',
      given: 'webhook: { address: ":8443", endpoints: 5 }\n',
      want: ['webhook.address', 'webhook.endpoints'],
    },
    {
      name: 'plain text to the world, behind a misspelt tls',
      given: 'webhook: { address: ":8443", tsl: {} }\n',
      want: ['webhook.address', 'webhook.tsl'],
    },
    {
      name: 'nothing where tls is there and wrong itself',
      given: 'webhook: { address: ":8443", tls: 5 }\n',
      want: ['webhook.tls'],
    },
    {
      name: 'nothing where the address itself is wrong',
      given: 'webhook: { address: 5, endpoints: [] }\n',
      want: ['webhook.address', 'webhook.endpoints'],
    },
    { name: 'nothing where the block is a word', given: 'webhook: x\n', want: ['webhook'] },
    {
      name: 'half a key pair, behind a file that is missing',
      given: 'webhook: { tls: { certFile: no, keyFile: no, clientNames: [kas] } }\n',
      want: ['webhook.tls.certFile', 'webhook.tls.keyFile', 'webhook.tls.clientNames'],
    },
    {
      name: 'a client CA that is none, behind a certificate that is missing',
      given: 'webhook: { tls: { certFile: no, keyFile: key, clientCAFile: key } }\n',
      want: ['webhook.tls.certFile', 'webhook.tls.clientCAFile'],
    },
    {
      name: 'everything else, behind a key that is there twice',
      given: 'log: { level: loud }\nlog: {}\ncache: { maxEntries: 0 }\n',
      want: ['log.level', 'this key is here twice', 'cache.maxEntries'],
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      assert.deepEqual(
        errorsOf(HEAD + given + PROVIDER, { files: { key: 'x' } }).map((error) => error.split(': ')[1]),
        want,
      );
    });
  }
});

void describe('what another error of a provider could hide', () => {
  const EMAIL = 'claimMappings: { username: { expression: claims.email } }';
  const rows: { name: string; given: string; want: readonly string[] }[] = [
    {
      name: 'every other key, behind an unknown type',
      given:
        'type: evry, name: Web 1, match: x, login: 5, timeout: 1h, onUnavailable: no, reserved: { users: [] }, a: 1',
      want: ['type', 'name', 'match', 'login', 'timeout', 'onUnavailable', 'reserved.users', 'a'],
    },
    {
      name: 'a rule about the whole, behind an unknown type',
      given: `type: no, name: a, ${EMAIL}`,
      want: ['type', 'claimMappings.username.expression'],
    },
    { name: 'the name that is missing, behind a type that is', given: 'timeout: 1s', want: ['type', 'name'] },
    {
      name: 'nothing of the options, behind an unknown type',
      given: 'type: no, name: a, options: { x: 1 }',
      want: ['type'],
    },
    {
      name: 'a rule about the whole, behind wrong options',
      given: `type: every, name: a, options: {}, ${EMAIL}`,
      want: ['options.url', 'claimMappings.username.expression'],
    },
    {
      name: 'nothing about email, where the rule that may read email_verified is wrong',
      given: `type: bearer, name: a, ${EMAIL}, claimValidationRules: [{ expression: "claims.email_verified ==" }]`,
      want: ['claimValidationRules[0].expression'],
    },
    {
      name: 'a wrong extra key, behind an expression that is wrong',
      given:
        'type: bearer, name: a, claimMappings: { username: { claim: a, prefix: "" }, extra: [{ key: a, valueExpression: x }, { key: a, valueExpression: "1" }, { key: 5, valueExpression: "1" }] }',
      want: [
        'claimMappings.extra[0].key',
        'claimMappings.extra[0].valueExpression',
        'claimMappings.extra[1].key',
        'claimMappings.extra[1].key',
        'claimMappings.extra[2].key',
      ],
    },
    {
      name: 'rules that are there twice, behind one that is wrong',
      given:
        'type: bearer, name: a, claimValidationRules: [{}, { claim: a }, { claim: a }], userValidationRules: [{ expression: x }, { expression: "true" }, { expression: "true" }]',
      want: [
        'claimValidationRules[0]',
        'claimValidationRules[2].claim',
        'userValidationRules[0].expression',
        'userValidationRules[2].expression',
      ],
    },
    {
      name: 'half a client certificate, behind the file that is missing',
      given: 'type: every, name: a, options: { url: "https://a.example", tls: { keyFile: no } }',
      want: ['options.tls', 'options.tls.keyFile'],
    },
  ];
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const paths = errorsOf(`${HEAD}providers: [{ ${given} }]`).map((error) => error.split(': ')[1] ?? '');
      assert.deepEqual(inOrder(paths), inOrder(want.map((path) => `providers[0].${path}`)));
    });
  }
});

const inOrder = (paths: readonly string[]): readonly string[] => paths.toSorted((a, b) => a.localeCompare(b));
