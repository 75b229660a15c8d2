// What one error of the sections issuer and portal could hide; no check guesses about a key that failed.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ED, faultsOf, HEADER, ISSUER, PORTAL, TLS } from './issuer-setup.ts';

const rows: readonly { name: string; given: object; want: readonly string[] }[] = [
  {
    name: 'lifetimes, revocations and keys, behind a name that is missing',
    given: {
      issuer: {
        ...ISSUER,
        name: '',
        lifetime: { default: '48h' },
        revocationsFile: 'broken-revocations.yaml',
        keys: [
          { ...ED, algorithm: 'ES256' },
          { ...ED, privateKey: { file: 'no' } },
        ],
      },
    },
    want: [
      'issuer.keys[0]',
      'issuer.keys[1].id',
      'issuer.keys[1].privateKey',
      'issuer.lifetime.default',
      'issuer.name',
      'issuer.revocationsFile',
    ],
  },
  {
    name: 'a key too many, behind one that cannot be read',
    given: { issuer: { ...ISSUER, keys: [{ ...ED, privateKey: { file: 'no' }, secret: { file: 'strong.secret' } }] } },
    want: ['issuer.keys[0]', 'issuer.keys[0].privateKey'],
  },
  {
    name: 'no guess about the key of an unknown algorithm',
    given: { issuer: { ...ISSUER, keys: [{ id: 'a', algorithm: 'RS256' }] } },
    want: ['issuer.keys[0].algorithm'],
  },
  {
    name: 'no guess about keys and lifetimes that are words',
    given: { issuer: { ...ISSUER, keys: 'x', lifetime: 'x', kubehookCompatible: 'x' } },
    want: ['issuer.keys', 'issuer.kubehookCompatible', 'issuer.lifetime'],
  },
  {
    name: 'a key that cannot sign, behind an error elsewhere',
    given: {
      cache: { maxEntries: 0 },
      issuer: { ...ISSUER, keys: [{ id: 'ed', algorithm: 'EdDSA', publicKey: { file: 'ed.pub' } }] },
      portal: PORTAL,
    },
    want: ['cache.maxEntries', 'issuer.keys[0]'],
  },
  {
    name: 'names without mutual TLS, behind a public URL in clear',
    given: {
      issuer: ISSUER,
      portal: { tls: TLS, publicURL: 'http://a.example', signIn: { header: { trustedClientNames: ['x'] } } },
    },
    want: ['portal.publicURL', 'portal.signIn.header.trustedClientNames'],
  },
  {
    name: 'one header for both and no proof, behind a delimiter that is none',
    given: { issuer: ISSUER, portal: { signIn: { header: { user: 'x-a', groups: 'X-A', groupsDelimiter: '' } } } },
    want: ['portal.signIn.header', 'portal.signIn.header', 'portal.signIn.header.groupsDelimiter'],
  },
  {
    name: 'no guess about names beside TLS that is wrong',
    given: {
      issuer: ISSUER,
      portal: { tls: { ...TLS, keyFile: 'no' }, signIn: { header: { ...HEADER, trustedClientNames: ['x'] } } },
    },
    want: ['portal.tls.keyFile'],
  },
];

void describe('behind another error of its section', () => {
  for (const { name, given, want } of rows) {
    void test(name, () => {
      const paths = faultsOf(given).map((fault) => fault.split(': ')[0] ?? '');
      assert.deepEqual(
        paths.toSorted((a, b) => a.localeCompare(b)),
        want,
      );
    });
  }
});
