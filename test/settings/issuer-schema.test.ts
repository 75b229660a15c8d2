// What the section `issuer` may say: every fault at its place, no secret in a sentence.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HOUR_MS } from '../issuer/setup.ts';
import { configOf, ED, faultsOf, ISSUED, ISSUER, load, PORTAL, STAFF, WEAK } from './issuer-setup.ts';

const hs = (file: string): object => ({ id: 'hs', algorithm: 'HS256', secret: { file } });

void describe('issuer', () => {
  void test('has lifetimes of 8 and at most 24 hours, keys in order, and no file to revoke in', () => {
    const { issuer } = configOf({ issuer: { ...ISSUER, keys: [ED, { ...ED, id: 'two' }] } });
    assert.deepEqual(issuer?.lifetime, { defaultMs: 8 * HOUR_MS, maxMs: 24 * HOUR_MS });
    assert.deepEqual(
      issuer.keys.map(({ id }) => id),
      ['ed', 'two'],
    );
    assert.deepEqual(
      [issuer.kubehookCompatible, issuer.crossEndpoints, issuer.revocationsFile],
      [false, false, undefined],
    );
  });

  void test('takes the public half of a key, under either name', () => {
    const halves = ['publicKey', 'privateKey'].map((name) => ({
      id: name,
      algorithm: 'EdDSA',
      [name]: { file: 'ed.pub' },
    }));
    const { issuer } = configOf({ issuer: { ...ISSUER, keys: halves } });
    assert.deepEqual(
      issuer?.keys.map(({ sign }) => sign),
      [undefined, undefined],
    );
  });

  void test('needs no file of revocations to be there, and does not watch it', () => {
    const loaded = load({ issuer: { ...ISSUER, revocationsFile: 'state/revocations.yaml' } });
    assert.ok(loaded.ok);
    assert.equal(loaded.config.issuer?.revocationsFile, '/etc/broker/state/revocations.yaml');
    assert.deepEqual(
      loaded.files.filter((path) => path.includes('revocations')),
      [],
    );
    assert.ok(loaded.files.includes('/etc/broker/ed.pem'), 'a key is watched, so that it can be rotated');
  });

  void test('warns of a weak secret with kubehookCompatible, and never quotes it', () => {
    const key = { id: 'kubehook', algorithm: 'HS256', secret: { file: 'weak.secret' } };
    const { warnings } = configOf({ issuer: { ...ISSUER, keys: [ED, key], kubehookCompatible: true } });
    assert.match(warnings.join('\n'), /issuer key kubehook: the secret has fewer than 32 bytes/);
    assert.equal(warnings.join('\n').includes(WEAK), false);
  });

  void test('warns when nobody takes its tokens, and when they cannot be revoked', () => {
    const { warnings } = configOf({ issuer: ISSUER, portal: PORTAL, providers: [STAFF] });
    assert.match(warnings.join('\n'), /no provider takes the tokens/);
    assert.match(warnings.join('\n'), /revocationsFile is not set/);
  });

  void test('shares names with the providers that gave them, which is no doubt about a mapping', () => {
    const claimMappings = { username: { claim: 'username', prefix: '' } };
    const { warnings } = configOf({ issuer: ISSUER, providers: [{ ...STAFF, claimMappings }, ISSUED] });
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('same username')),
      [],
    );
  });

  const rows: readonly { name: string; issuer: object; want: RegExp }[] = [
    { name: 'no keys', issuer: { ...ISSUER, keys: [] }, want: /^issuer\.keys: must not be empty$/ },
    { name: 'a key twice', issuer: { ...ISSUER, keys: [ED, ED] }, want: /^issuer\.keys\[1\]\.id: ed is there already/ },
    {
      name: 'a weak secret',
      issuer: { ...ISSUER, keys: [hs('weak.secret')] },
      want: /^issuer\.keys\[0\]: the secret has fewer than 32 bytes, .*issuer new-key$/,
    },
    {
      name: 'a PEM for HS256',
      issuer: { ...ISSUER, keys: [{ ...ED, algorithm: 'HS256' }] },
      want: /HS256 needs secret/,
    },
    {
      name: 'a secret for EdDSA',
      issuer: { ...ISSUER, keys: [{ ...hs('strong.secret'), algorithm: 'EdDSA' }] },
      want: /EdDSA needs either privateKey or publicKey/,
    },
    {
      name: 'another kind of key',
      issuer: { ...ISSUER, keys: [{ ...ED, privateKey: { file: 'es.pem' } }] },
      want: /holds no Ed25519 key/,
    },
    {
      name: 'an unknown algorithm',
      issuer: { ...ISSUER, keys: [{ ...ED, algorithm: 'RS256' }] },
      want: /must be EdDSA or ES256 or HS256/,
    },
    {
      name: 'a default beyond the longest',
      issuer: { ...ISSUER, lifetime: { default: '2h', max: '1h' } },
      want: /^issuer\.lifetime\.default: must not be longer than max$/,
    },
    { name: 'a misspelt key', issuer: { ...ISSUER, lifetimes: {} }, want: /unknown key \(did you mean "lifetime"\?\)/ },
    {
      name: 'broken revocations',
      issuer: { ...ISSUER, revocationsFile: 'broken-revocations.yaml' },
      want: /^issuer\.revocationsFile: .*neither \{ jti \} nor/,
    },
    {
      name: 'a secret in the file itself',
      issuer: { ...ISSUER, keys: [{ ...ED, privateKey: WEAK }] },
      want: /never the secret itself$/,
    },
  ];
  for (const { name, issuer, want } of rows) {
    void test(`is refused: ${name}`, () => {
      const faults = faultsOf({ issuer }).join('\n');
      assert.match(faults, want);
      assert.equal(faults.includes(WEAK), false);
    });
  }

  void test('has a provider without options', () => {
    const faults = faultsOf({ issuer: ISSUER, providers: [STAFF, { ...ISSUED, options: { keys: [] } }] });
    assert.deepEqual(faults, ['providers[1].options.keys: unknown key']);
  });

  void test('is what the provider and the portal need', () => {
    const faults = faultsOf({ portal: PORTAL }).filter((fault) => fault.includes('needs the section issuer'));
    assert.deepEqual(faults, ['providers[1].type: needs the section issuer', 'portal: needs the section issuer']);
  });
});
