// kube-apiserver's AuthenticationConfiguration, imported: what becomes of it, and the place of what cannot be.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { oidcJwt } from '../../providers/oidc-jwt.ts';
import { importAuthenticationConfiguration } from '../../src/settings/authentication-configuration.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { makeAuthority } from '../support/certificates.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';
const ISSUER = 'issuer: { url: "https://idp.example", audiences: [kubernetes] }';
const USERNAME = 'username: { claim: sub, prefix: "" }';
const ENTRY = `jwt:\n- ${ISSUER}\n  claimMappings: { ${USERNAME} }\n`;

const imported = (text: string) => importAuthenticationConfiguration('auth.yaml', text, [oidcJwt]);

/** The first provider, of a file that can be imported and whose result loads. */
function providerOf(text: string): Record<string, unknown> {
  const result = imported(text);
  assert.ok(result.ok, result.ok ? '' : result.errors.map(formatDiagnostic).join('\n'));
  const loaded = loadConfig('/broker.yaml', {
    env: {},
    modules: [oidcJwt],
    nowMs: () => 0,
    readFile: () => stringify(result.config, { lineWidth: 0 }),
  });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.errors.map(formatDiagnostic).join('\n'));
  const { providers } = parse(stringify(result.config));
  return providers[0];
}

void describe('an authentication configuration', () => {
  void test('keeps issuer, mappings and rules as they are, and takes every algorithm', () => {
    const ca = makeAuthority('corp').cert.trim().replaceAll('\n', '\n      ');
    const provider = providerOf(`${HEAD}jwt:
- issuer:
    url: https://idp.example/realms/a
    discoveryURL: https://elsewhere.example/openid
    certificateAuthority: |
      ${ca}
    audiences: [kubernetes, spare]
    audienceMatchPolicy: MatchAny
  claimValidationRules:
  - { claim: hd, requiredValue: corp }
  - { expression: "claims.exp - claims.nbf <= 86400", message: too long }
  claimMappings:
    username: { expression: "claims.username + ':external'" }
    groups: { claim: roles, prefix: "corp:" }
    uid: { claim: sub }
    extra: [{ key: example.com/tenant, valueExpression: claims.tenant }]
  userValidationRules:
  - { expression: "!user.username.startsWith('system:')", message: reserved }
`);
    assert.deepEqual(provider['claimMappings'], {
      username: { expression: "claims.username + ':external'" },
      groups: { claim: 'roles', prefix: 'corp:' },
      uid: { claim: 'sub' },
      extra: [{ key: 'example.com/tenant', valueExpression: 'claims.tenant' }],
    });
    assert.deepEqual(provider['claimValidationRules'], [
      { claim: 'hd', requiredValue: 'corp' },
      { expression: 'claims.exp - claims.nbf <= 86400', message: 'too long' },
    ]);
    assert.deepEqual(provider['userValidationRules'], [
      { expression: "!user.username.startsWith('system:')", message: 'reserved' },
    ]);
    const { signingAlgorithms } = Object(provider['options']);
    assert.equal(signingAlgorithms.length, 9);
    assert.equal(provider['name'], 'idp.example');
  });

  void test('with what Go cannot tell from nothing is imported without it', () => {
    const provider = providerOf(`${HEAD}jwt:
- issuer: { url: "https://idp.example", discoveryURL: "", certificateAuthority: "", audiences: [k], audienceMatchPolicy: "" }
  claimValidationRules: [{ claim: hd, expression: "", message: "" }, { expression: "true", requiredValue: "" }]
  claimMappings:
    username: { claim: sub, prefix: "", expression: "" }
    groups: { claim: "", expression: "", prefix: "corp:" }
    uid: { claim: ~ }
    extra: []
  userValidationRules:
`);
    assert.deepEqual(provider['claimMappings'], { username: { claim: 'sub', prefix: '' } });
    assert.deepEqual(provider['claimValidationRules'], [{ claim: 'hd', requiredValue: '' }, { expression: 'true' }]);
    assert.equal('userValidationRules' in provider, false);
  });

  void test('of several issuers names each provider after its host, in the order of the file', () => {
    const urls = ['https://a.example', 'https://b.example:8443/x', 'https://a.example/2', 'https://[::1]'];
    const entries = urls.map(
      (url) =>
        `- issuer: { url: "${url}", audiences: [k] }\n  claimMappings: { username: { claim: sub, prefix: "${url}:" } }\n`,
    );
    const result = imported(`${HEAD}jwt:\n${entries.join('')}`);
    assert.ok(result.ok);
    const { webhook } = parse(stringify(result.config));
    assert.deepEqual(webhook.endpoints[0].providers, ['a.example', 'b.example', 'a.example-2', '1']);
  });

  void test('of another cluster takes its issuer out of ignoreIssuers', () => {
    const result = imported(`${HEAD}${ENTRY.replace('https://idp.example', 'https://kubernetes.default.svc')}`);
    assert.ok(result.ok);
    assert.deepEqual(result.config['ignoreIssuers'], [
      'kubernetes/serviceaccount',
      'https://kubernetes.default.svc.cluster.local',
    ]);
  });

  void test('with anonymous tells where that stays', () => {
    const result = imported(`${HEAD}${ENTRY}anonymous:\n  enabled: false\n`);
    assert.ok(result.ok);
    assert.deepEqual(result.notes.map(formatDiagnostic), [
      'auth.yaml:6:1: anonymous: stays in this file: who is let in without a token is decided by kube-apiserver alone',
    ]);
  });

  const faults: { readonly name: string; readonly given: string; readonly want: RegExp }[] = [
    {
      name: 'another kind',
      given: 'apiVersion: v1\nkind: Config\n',
      want: /^auth\.yaml:1:1: jwt: is required\nauth\.yaml:1:13: apiVersion: must be .*\nauth\.yaml:2:7: kind: /,
    },
    { name: 'no issuer at all', given: `${HEAD}jwt: []\n`, want: /^auth\.yaml:3:1: jwt: must not be empty$/ },
    {
      name: 'an unknown key',
      given: `${HEAD}${ENTRY}  claims: {}\n`,
      want: /^auth\.yaml:6:3: jwt\[0\]\.claims: unknown key/,
    },
    { name: 'a key twice', given: `${HEAD}${ENTRY}kind: X\n`, want: /^auth\.yaml:6:1: this key is here twice$/ },
    {
      name: 'no mapping',
      given: `${HEAD}jwt:\n- ${ISSUER}\n`,
      want: /^auth\.yaml:4:3: jwt\[0\]\.claimMappings: is required$/,
    },
    {
      name: 'an egress selector',
      given: `${HEAD}${ENTRY.replace('audiences', 'egressSelectorType: cluster, audiences')}`,
      want: /^auth\.yaml:4:41: jwt\[0\]\.issuer\.egressSelectorType: cannot be imported: the broker reaches/,
    },
    {
      name: 'an expression that does not compile, at its column',
      given: `${HEAD}jwt:\n- ${ISSUER}\n  claimMappings:\n    username: { expression: "claims.sub +" }\n`,
      want: /^auth\.yaml:6:\d+: jwt\[0\]\.claimMappings\.username\.expression: /,
    },
    {
      name: 'an issuer that is not https',
      given: `${HEAD}${ENTRY.replace('https:', 'http:')}`,
      want: /^auth\.yaml:4:18: jwt\[0\]\.issuer\.url: must use https/,
    },
    {
      name: 'the same issuer twice',
      given: `${HEAD}${ENTRY}${ENTRY.replace('jwt:\n', '')}`,
      want: /^auth\.yaml:6:18: jwt\[1\]\.issuer\.url: is that of provider idp\.example already/,
    },
    { name: 'no YAML', given: 'a: [', want: /^auth\.yaml:1:\d: / },
    { name: 'a list', given: '- a\n', want: /^auth\.yaml:1:1: must be a map, not a list$/ },
  ];
  for (const { name, given, want } of faults) {
    void test(`with ${name} cannot be imported`, () => {
      const result = imported(given);
      assert.ok(!result.ok);
      assert.match(result.errors.map(formatDiagnostic).join('\n'), want);
    });
  }
});
