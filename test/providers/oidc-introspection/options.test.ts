// Which options are legal, what the others are told, and what is dangerous.

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { oidcIntrospection } from '../../../providers/oidc-introspection.ts';
import { CLIENT, faultsOf, optionsOf, type WrittenOptions } from './setup.ts';

const ISSUER = 'https://idp.corp.example/realms/corp';
const ENDPOINT = 'https://idp.corp.example/introspect';
const CLIENT_OF_KEY = { clientID: 'broker', privateKey: { file: 'key.pem' } };
const EC = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

interface Row {
  readonly name: string;
  readonly given: WrittenOptions;
  readonly want: readonly string[];
  readonly key?: string;
}

const ROWS: readonly Row[] = [
  { name: 'an issuer and a client with a secret are enough', given: { ...CLIENT, issuer: ISSUER }, want: [] },
  { name: 'an endpoint and a client are enough', given: { ...CLIENT, introspectionEndpoint: ENDPOINT }, want: [] },
  { name: 'a private key alone means private_key_jwt', given: { ...CLIENT_OF_KEY, issuer: ISSUER }, want: [] },
  {
    name: 'every key at once',
    given: {
      ...CLIENT,
      issuer: ISSUER,
      authMethod: 'client_secret_post',
      audiences: ['kubernetes'],
      userinfo: true,
      tls: { serverName: 'idp' },
    },
    want: [],
  },
  {
    name: 'neither issuer nor endpoint',
    given: CLIENT,
    want: [': issuer or introspectionEndpoint is needed: with issuer the endpoint is discovered'],
  },
  {
    name: 'a client that proves nothing',
    given: { clientID: 'broker', issuer: ISSUER },
    want: [': clientSecret or privateKey is needed: the broker must prove who asks'],
  },
  {
    name: 'two proofs',
    given: { ...CLIENT, ...CLIENT_OF_KEY, issuer: ISSUER },
    want: ['privateKey: clientSecret and privateKey exclude each other: leave one out'],
  },
  {
    name: 'private_key_jwt with a secret',
    given: { ...CLIENT, issuer: ISSUER, authMethod: 'private_key_jwt' },
    want: ['authMethod: private_key_jwt needs privateKey instead of clientSecret'],
  },
  {
    name: 'client_secret_basic with a key',
    given: { ...CLIENT_OF_KEY, issuer: ISSUER, authMethod: 'client_secret_basic' },
    want: ['authMethod: client_secret_basic needs clientSecret instead of privateKey'],
  },
  {
    name: 'userinfo without discovery',
    given: { ...CLIENT, introspectionEndpoint: ENDPOINT, userinfo: true },
    want: ['userinfo: needs discovery: set issuer and leave introspectionEndpoint out'],
  },
  {
    name: 'several faults are told together',
    given: { clientID: 'broker', userinfo: true, introspectionEndpoint: ENDPOINT },
    want: [
      'userinfo: needs discovery: set issuer and leave introspectionEndpoint out',
      ': clientSecret or privateKey is needed: the broker must prove who asks',
    ],
  },
  {
    name: 'the discovery document instead of the issuer',
    given: { ...CLIENT, issuer: `${ISSUER}/.well-known/openid-configuration` },
    want: ['issuer: must be the issuer itself (the iss claim), not the address of its discovery document'],
  },
  {
    name: 'an issuer with a query',
    given: { ...CLIENT, issuer: `${ISSUER}?a=b` },
    want: ['issuer: must not contain a query'],
  },
  {
    name: 'an issuer in clear',
    given: { ...CLIENT, issuer: 'http://idp.corp.example' },
    want: ['issuer: must use https: plain http sends credentials in clear, and is allowed to a loopback host only'],
  },
  {
    name: 'an endpoint in clear',
    given: { ...CLIENT, introspectionEndpoint: 'http://idp.corp.example/introspect' },
    want: [
      'introspectionEndpoint: must use https: plain http sends credentials in clear, and is allowed to a loopback host only',
    ],
  },
  { name: 'plain http on loopback', given: { ...CLIENT, issuer: 'http://127.0.0.1:8080' }, want: [] },
  {
    name: 'an unknown key',
    given: { ...CLIENT, issuer: ISSUER, audience: ['k8s'] },
    want: [': unknown key (did you mean "audiences"?)'],
  },
  {
    name: 'a file that is no key',
    given: { ...CLIENT_OF_KEY, issuer: ISSUER },
    key: 'no key',
    want: [
      'privateKey: must be a private key in PEM without a passphrase: RSA of at least 2048 bits (RS256), EC P-256 (ES256), P-384 (ES384) or P-521 (ES512), or Ed25519 (EdDSA)',
    ],
  },
];

void describe('the options of oidc-introspection', () => {
  for (const { name, given, want, key = EC } of ROWS) {
    void test(name, () => assert.deepEqual(faultsOf(given, { 'key.pem': key }), want));
  }

  void test('defaults: client_secret_basic, no userinfo, the issuer kept as it was written', () => {
    const { proof, userinfo, issuer } = optionsOf({ ...CLIENT, issuer: 'https://idp.corp.example' });
    assert.deepEqual([proof.method, userinfo, issuer], ['client_secret_basic', undefined, 'https://idp.corp.example']);
  });

  void test('warns of every JWT being asked about, and of tokens of other applications', () => {
    const [noIssuer, noAudiences] = warningsOf({ introspectionEndpoint: ENDPOINT });
    assert.match(noIssuer ?? '', /set issuer/);
    assert.match(noAudiences ?? '', /set audiences/);
    assert.deepEqual(warningsOf({ issuer: ISSUER, audiences: ['k8s'], userinfo: false }), []);
  });

  void test('warns of servers that do not say whose a token is, until userinfo is decided', () => {
    const known = { issuer: ISSUER, audiences: ['k8s'] };
    assert.match(warningsOf(known).join(), /userinfo is not set.*subject-missing/);
    assert.deepEqual(warningsOf({ ...known, userinfo: true }), []);
    assert.deepEqual(warningsOf({ ...known, introspectionEndpoint: ENDPOINT }), [], 'no userinfo without discovery');
  });

  for (const { name, given, want } of keyRows()) {
    void test(`the key decides the algorithm: ${name}`, () => {
      const { proof } = optionsOf({ ...CLIENT_OF_KEY, issuer: ISSUER }, { 'key.pem': pemOf(given) });
      assert.equal(proof.method === 'private_key_jwt' && proof.key.algorithm.name, want);
    });
  }

  void test('a key of 1024 bits is refused', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    assert.equal(faultsOf({ ...CLIENT_OF_KEY, issuer: ISSUER }, { 'key.pem': pemOf(privateKey) }).length, 1);
  });
});

function warningsOf(given: WrittenOptions): readonly string[] {
  return oidcIntrospection.warnings?.(optionsOf({ ...CLIENT, ...given })) ?? [];
}

function keyRows(): readonly { readonly name: string; readonly given: KeyObject; readonly want: string }[] {
  return [
    {
      name: 'RSA',
      given: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
      want: 'RSASSA-PKCS1-v1_5',
    },
    { name: 'P-521', given: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey, want: 'ECDSA' },
    { name: 'Ed25519', given: generateKeyPairSync('ed25519').privateKey, want: 'Ed25519' },
  ];
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
