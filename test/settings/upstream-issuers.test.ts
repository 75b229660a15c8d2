// Issuers of several providers: one per endpoint where a type takes its tokens alone, and none whose tokens are ignored.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../providers/oidc-introspection.ts';
import { oidcJwt } from '../../providers/oidc-jwt.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';

const HEAD = 'apiVersion: kube-auth-broker/v1\nkind: BrokerConfiguration\n';
const jwt = (name: string, url: string, more = ''): string =>
  `  - { name: ${name}, type: oidc-jwt, options: { issuer: { url: "${url}", audiences: [k]${more} } } }\n`;
const introspection = (name: string, issuer: string): string =>
  `  - { name: ${name}, type: oidc-introspection, options: { issuer: "${issuer}", clientID: k, clientSecret: { env: S } } }\n`;
const [A, B] = ['https://a.example', 'https://b.example'];
const TWO_ENDPOINTS = 'webhook: { endpoints: [{ path: /one, providers: [x] }, { path: /two, providers: [y] }] }\n';
const SAME = /providers\[1\]\.options\.issuer\.url: is that of provider x already, at endpoint \/authenticate$/;

const rows: { readonly name: string; readonly given: string; readonly want?: RegExp }[] = [
  { name: 'two issuers are two', given: `providers:\n${jwt('x', A)}${jwt('y', B)}` },
  {
    name: 'the same issuer twice at one endpoint is refused',
    given: `providers:\n${jwt('x', A)}${jwt('y', A)}`,
    want: SAME,
  },
  {
    name: 'the same issuer at two endpoints is not',
    given: `${TWO_ENDPOINTS}providers:\n${jwt('x', A)}${jwt('y', A)}`,
  },
  { name: 'the same issuer by two types is not', given: `providers:\n${jwt('x', A)}${introspection('y', A)}` },
  {
    name: 'the same issuer introspected twice is not: the second is asked where the first passes',
    given: `providers:\n${introspection('x', A)}${introspection('y', A)}`,
  },
  {
    name: 'the same document twice at one endpoint is refused',
    given: `providers:\n${jwt('x', A, ', discoveryURL: "https://d.example/"')}${jwt('y', B, ', discoveryURL: "https://d.example/"')}`,
    want: /providers\[1\]\.options\.issuer\.discoveryURL: is that of provider x already/,
  },
  {
    name: 'an issuer whose tokens are ignored is refused',
    given: `ignoreIssuers: ["${A}"]\nproviders:\n${jwt('x', A)}`,
    want: /providers\[0\]\.options\.issuer\.url: is in ignoreIssuers too/,
  },
  {
    name: 'so is one that is introspected',
    given: `ignoreIssuers: ["${A}"]\nproviders:\n${introspection('x', A)}`,
    want: /providers\[0\]\.options\.issuer: is in ignoreIssuers too/,
  },
  {
    name: 'the issuer of a cluster is ignored by default',
    given: `providers:\n${jwt('x', 'https://kubernetes.default.svc')}`,
    want: /is in ignoreIssuers too/,
  },
  {
    name: 'beside another fault nothing is guessed',
    given: `ignoreIssuers: 5\nproviders:\n${jwt('x', A)}  - { name: y, type: oidc-jwt, options: 5 }\n`,
    want: /ignoreIssuers: .*providers\[1\]\.options: /s,
  },
];

void describe('the issuers of providers', () => {
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const loaded = loadConfig('/etc/broker/broker.yaml', {
        env: { S: 'secret' },
        modules: [oidcJwt, oidcIntrospection],
        nowMs: () => 0,
        readFile: () => HEAD + given,
      });
      const errors = loaded.ok ? '' : loaded.errors.map(formatDiagnostic).join('\n');
      if (want === undefined) assert.equal(errors, '');
      else assert.match(errors, want);
    });
  }
});
