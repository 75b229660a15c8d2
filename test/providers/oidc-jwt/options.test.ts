// What may be written about an issuer, and the sentence for each fault.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { oidcJwt } from '../../../providers/oidc-jwt.ts';
import { makeAuthority } from '../../support/certificates.ts';
import { optionsOf, parseOptions } from '../../support/options.ts';
import { keySetOf, makeKey } from '../../support/signed-tokens.ts';

const ISSUER = 'https://idp.corp.example';
const AUDIENCES = ['kubernetes'];
const GOOD = { url: ISSUER, audiences: AUDIENCES };
const CA = makeAuthority('corp').cert;
const KEY = makeKey('ES256', 'a');
const FILES = {
  '/etc/broker/ca.pem': CA,
  '/etc/broker/text': 'no certificate',
  '/etc/broker/keys.json': JSON.stringify(keySetOf(KEY)),
  '/etc/broker/no-keys.json': JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'shared' }] }),
  '/etc/broker/list.json': '[]',
};
const INSTEAD = 'has no effect beside keysFile, which takes the place of discovery: leave one out';

const ROWS: readonly { readonly name: string; readonly given: object; readonly want: readonly string[] }[] = [
  { name: 'url and audiences are enough', given: { issuer: GOOD }, want: [] },
  {
    name: 'http to a loopback host is for trying it out',
    given: { issuer: { ...GOOD, url: 'http://localhost:8080' } },
    want: [],
  },
  {
    name: 'http elsewhere is refused',
    given: { issuer: { ...GOOD, url: 'http://idp.corp.example' } },
    want: ['issuer.url: must use https: plain http sends credentials in clear, and is allowed to a loopback host only'],
  },
  {
    name: 'a query is refused',
    given: { issuer: { ...GOOD, url: `${ISSUER}?a=b` } },
    want: ['issuer.url: must not contain a query'],
  },
  {
    name: 'a user is refused',
    given: { issuer: { ...GOOD, url: 'https://me@idp.corp.example' } },
    want: ['issuer.url: must not contain a user or a password'],
  },
  {
    name: 'the address of the document is no issuer',
    given: { issuer: { ...GOOD, url: `${ISSUER}/.well-known/openid-configuration` } },
    want: ['issuer.url: must be the issuer itself (the iss claim); see discoveryURL'],
  },
  {
    name: 'discoveryURL that is the issuer is refused',
    given: { issuer: { ...GOOD, discoveryURL: `${ISSUER}/` } },
    want: ['issuer.discoveryURL: must be another address than url; leave it out when the well-known one is right'],
  },
  {
    name: 'no audience is refused',
    given: { issuer: { ...GOOD, audiences: [] } },
    want: ['issuer.audiences: Too small: expected array to have >=1 items'],
  },
  {
    name: 'several audiences need the policy',
    given: { issuer: { ...GOOD, audiences: ['a', 'b'] } },
    want: ['issuer.audienceMatchPolicy: must be MatchAny for several audiences'],
  },
  {
    name: 'several audiences with the policy are good',
    given: { issuer: { ...GOOD, audiences: ['a', 'b'], audienceMatchPolicy: 'MatchAny' } },
    want: [],
  },
  {
    name: 'an audience twice is refused',
    given: { issuer: { ...GOOD, audiences: ['a', 'a'], audienceMatchPolicy: 'MatchAny' } },
    want: ['issuer.audiences.1: is there already'],
  },
  {
    name: 'an egress selector is not known',
    given: { issuer: { ...GOOD, egressSelectorType: 'cluster' } },
    want: ['issuer: unknown key'],
  },
  { name: 'there is no tls', given: { issuer: GOOD, tls: { caFile: 'ca.pem' } }, want: [': unknown key'] },
  { name: 'an authority in the file is good', given: { issuer: { ...GOOD, certificateAuthority: CA } }, want: [] },
  {
    name: 'an authority that is no certificate is refused',
    given: { issuer: { ...GOOD, certificateAuthority: 'x' } },
    want: ['issuer.certificateAuthority: must be certificates in PEM'],
  },
  {
    name: 'a file that is no certificate is refused',
    given: { issuer: { ...GOOD, certificateAuthorityFile: 'text' } },
    want: ['issuer.certificateAuthorityFile: must be certificates in PEM'],
  },
  {
    name: 'two authorities are refused',
    given: { issuer: { ...GOOD, certificateAuthority: CA, certificateAuthorityFile: 'ca.pem' } },
    want: ['issuer.certificateAuthorityFile: excludes certificateAuthority: leave one out'],
  },
  {
    name: 'keysFile takes the place of discovery',
    given: {
      issuer: { ...GOOD, discoveryURL: 'https://x.example/d', certificateAuthority: CA },
      keysFile: 'keys.json',
      userinfo: true,
    },
    want: [
      `issuer.discoveryURL: ${INSTEAD}`,
      `issuer.certificateAuthority: ${INSTEAD}`,
      'userinfo: needs discovery: leave keysFile out',
    ],
  },
  {
    name: 'keysFile without a usable key is refused',
    given: { issuer: GOOD, keysFile: 'no-keys.json' },
    want: ['keysFile: has no key that can verify a token; key "shared" is of type "oct"'],
  },
  {
    name: 'keysFile that is no key set is refused',
    given: { issuer: GOOD, keysFile: 'list.json' },
    want: ['keysFile: must be a JSON Web Key Set: {"keys": […]}'],
  },
  {
    name: 'a shared host must be a host',
    given: { issuer: GOOD, distributedClaims: { allowedHosts: ['https://graph.example'] } },
    want: [
      'distributedClaims.allowedHosts.0: must be a host name, with a port unless it is 443: graph.example.org or localhost:8443',
    ],
  },
  {
    name: 'keys that serve for seconds are refused',
    given: { issuer: GOOD, maxKeyAge: '5s' },
    want: ['maxKeyAge: must be between 1m and 8760h'],
  },
];

void describe('the options of oidc-jwt', () => {
  for (const { name, given, want } of ROWS) {
    void test(name, () => {
      const parsed = parseOptions(oidcJwt, given, FILES);
      assert.deepEqual('faults' in parsed ? parsed.faults : [], want);
    });
  }

  for (const algorithm of ['none', 'HS256', 'EdDSA', 'RSA-OAEP', 'es256']) {
    void test(`${algorithm} is no algorithm to sign with`, () => {
      const parsed = parseOptions(oidcJwt, { issuer: GOOD, signingAlgorithms: ['RS256', algorithm] }, FILES);
      assert.match('faults' in parsed ? parsed.faults.join() : '', /^signingAlgorithms\.1: /);
    });
  }

  void test('defaults: RS256 and ES256, keys for a day, nothing fetched beside them', () => {
    const { signingAlgorithms, maxKeyAgeMs, userinfo, claimHosts } = optionsOf(oidcJwt, { issuer: GOOD });
    assert.deepEqual(
      [signingAlgorithms, maxKeyAgeMs, userinfo, claimHosts.size],
      [['RS256', 'ES256'], 86_400_000, false, 0],
    );
  });

  void test('warns of keys in keysFile that are of no use', () => {
    const mixed = JSON.stringify({ keys: [KEY.jwk, { kty: 'oct', kid: 'shared' }] });
    const warningsOf = (given: object) =>
      oidcJwt.warnings?.(
        optionsOf(oidcJwt, { issuer: GOOD, keysFile: 'mixed', ...given }, { '/etc/broker/mixed': mixed }),
      );
    assert.deepEqual(warningsOf({}), ['keysFile: key "shared" is of type "oct", so it is ignored']);
    assert.match(warningsOf({ signingAlgorithms: ['RS256'] })?.join() ?? '', /no key of keysFile is for RS256/);
  });
});
