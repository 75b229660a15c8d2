// `issuer new-key` and `issuer revoke`: results on stdout, explanations on stderr, keys nowhere else.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { Secret } from '../../src/core/secret.ts';
import { keyOfPem } from '../../src/issuer/keys.ts';
import { ED25519, pem } from '../issuer/setup.ts';
import { brokerYaml, folderWith, run } from './setup.ts';

const ISSUER = {
  name: 'https://broker.corp.example',
  audience: 'kubernetes',
  keys: [{ id: 'k', algorithm: 'EdDSA', privateKey: { file: 'k.pem' } }],
  revocationsFile: 'state/revocations.yaml',
};

function folderOf(t: Parameters<typeof folderWith>[0], issuer: object = ISSUER): string {
  return folderWith(t, {
    'k.pem': pem(ED25519.privateKey).reveal(),
    'broker.yaml': brokerYaml({ issuer, providers: [{ name: 'issued', type: 'issued' }] }),
  });
}

void describe('issuer new-key', () => {
  for (const algorithm of ['EdDSA', 'ES256'] as const) {
    void test(`prints a PEM key for ${algorithm}, and how to use it`, async () => {
      const { code, stdout, stderr, sinks } = await run(['issuer', 'new-key', '--algorithm', algorithm]);
      assert.equal(code, 0);
      assert.ok('key' in keyOfPem('k', algorithm, new Secret(stdout)));
      assert.match(stderr, new RegExp(`\\{ id: ID, algorithm: ${algorithm}, privateKey: \\{ file: `));
      assert.match(stderr, /-----BEGIN PUBLIC KEY-----/);
      assert.doesNotMatch(stderr, /PRIVATE KEY/);
      const body = stdout.split('\n')[1] ?? '';
      assert.deepEqual(
        sinks.leaksOf(body).filter((leak) => !leak.startsWith('stdout')),
        [],
      );
    });
  }

  void test('makes an EdDSA key unless told, and another one every time', async () => {
    const [one, two] = [await run(['issuer', 'new-key']), await run(['issuer', 'new-key'])];
    assert.ok('key' in keyOfPem('k', 'EdDSA', new Secret(one.stdout)));
    assert.notEqual(one.stdout, two.stdout);
  });

  void test('prints one line for HS256', async () => {
    const { stdout, stderr } = await run(['issuer', 'new-key', '--algorithm', 'hs256']);
    assert.match(stdout, /^[\w-]{43}\n$/);
    assert.match(stderr, /secret: \{ file: /);
    assert.equal(stderr.includes(stdout.trim()), false);
  });

  void test('guesses a misspelt algorithm', async () => {
    const { code, stdout, stderr } = await run(['issuer', 'new-key', '--algorithm', 'ES265']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /--algorithm takes EdDSA, ES256, HS256 \(did you mean "ES256"\?\)/);
  });
});

const people = (name: string, claimMappings?: object) => ({
  name,
  type: 'users',
  options: { file: 'users.yaml' },
  ...(claimMappings && { claimMappings }),
});

void describe('issuer revoke', () => {
  void test('keeps a token by its id', async (t) => {
    const folder = folderOf(t);
    const ran = await run(['issuer', 'revoke', '--config', join(folder, 'broker.yaml'), '--jti', 'token-1']);
    assert.deepEqual([ran.code, ran.stdout], [0, 'revoked: token token-1\n']);
    assert.match(ran.stderr, /kube-apiserver may still remember it/);
    const entries: unknown = parse(readFileSync(join(folder, 'state/revocations.yaml'), 'utf8'));
    assert.deepEqual(entries, [{ jti: 'token-1' }]);
  });

  void test('keeps a user with the time, beside what is there', async (t) => {
    const folder = folderOf(t);
    const config = join(folder, 'broker.yaml');
    const before = Date.now();
    await run(['issuer', 'revoke', '--config', config, '--jti', 'token-1']);
    const { code, stdout } = await run(['issuer', 'revoke', '--config', config, '--user', 'ldap:alice\u202e']);
    assert.equal(code, 0);
    assert.match(stdout, /^revoked: every token of ldap:alice\\u202e from before 20\d\d-.*Z\n$/);
    const [, entry]: { username: string; before: string }[] = parse(
      readFileSync(join(folder, 'state/revocations.yaml'), 'utf8'),
    );
    assert.equal(entry?.username, 'ldap:alice\u202e');
    assert.ok(Date.parse(entry?.before ?? '') >= before);
  });

  void describe('of a user', () => {
    const rows: { name: string; providers: object[]; user: string; portal?: object; says?: RegExp }[] = [
      { name: 'whose name has a prefix that is yielded', providers: [people('corp')], user: 'corp:alice' },
      {
        name: 'whose name lacks every prefix',
        providers: [people('corp'), people('lab')],
        user: 'nobody',
        says: /did you mean corp:nobody or lab:nobody\?/,
      },
      {
        name: 'whose prefix is misspelt',
        providers: [people('corp')],
        user: 'crop:alice',
        says: /did you mean corp:alice\?/,
      },
      {
        name: 'where names have no prefix',
        providers: [people('corp', { username: { claim: 'username', prefix: '' } })],
        user: 'nobody',
      },
      {
        name: 'where an expression makes the name',
        providers: [people('corp', { username: { expression: 'claims.username' } })],
        user: 'nobody',
      },
      {
        name: 'where a proxy makes the name',
        providers: [people('corp')],
        user: 'nobody',
        portal: { signIn: { header: { trustedAddresses: ['127.0.0.1'] } } },
      },
    ];
    for (const { name, providers, user, portal, says } of rows) {
      void test(`${name}: ${says === undefined ? 'nothing is doubted' : 'a warning suggests others'}`, async (t) => {
        const folder = folderWith(t, {
          'k.pem': pem(ED25519.privateKey).reveal(),
          'users.yaml': '[]\n',
          'broker.yaml': brokerYaml({
            issuer: ISSUER,
            providers: [...providers, { name: 'issued', type: 'issued' }],
            ...(portal && { portal }),
          }),
        });
        const ran = await run(['issuer', 'revoke', '--config', join(folder, 'broker.yaml'), '--user', user]);
        assert.equal(ran.code, 0, ran.stderr);
        if (says === undefined) assert.doesNotMatch(ran.stderr, /did you mean/);
        else assert.match(ran.stderr, says);
      });
    }
  });

  const { revocationsFile: _none, ...noFile } = ISSUER;
  const usages: readonly { name: string; issuer?: object; args: readonly string[]; says: RegExp }[] = [
    { name: 'neither', args: [], says: /either --jti or --user is needed/ },
    { name: 'both', args: ['--jti', 'a', '--user', 'b'], says: /either --jti or --user is needed/ },
    { name: 'an empty id', args: ['--jti', ''], says: /--jti is required/ },
    { name: 'no file', issuer: noFile, args: ['--jti', 'a'], says: /has no issuer\.revocationsFile/ },
    {
      name: 'a broken key',
      issuer: { ...ISSUER, keys: [] },
      args: ['--jti', 'a'],
      says: /issuer\.keys: must not be empty/,
    },
  ];
  for (const { name, issuer, args, says } of usages) {
    void test(`is a wrong usage: ${name}`, async (t) => {
      const folder = folderOf(t, issuer);
      const { code, stdout, stderr } = await run([
        'issuer',
        'revoke',
        '--config',
        join(folder, 'broker.yaml'),
        ...args,
      ]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }

  void test('is an error of the configuration: a folder in place of the file', async (t) => {
    const folder = folderOf(t);
    mkdirSync(join(folder, 'state'));
    mkdirSync(join(folder, 'state/revocations.yaml'));
    const { code, stderr } = await run(['issuer', 'revoke', '--config', join(folder, 'broker.yaml'), '--jti', 'a']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /revocationsFile: cannot read .*: it is a directory/);
  });
});

void describe('issuer revocations', () => {
  void test('says that the file is in order, that it has lost entries, and takes it as it is', async (t) => {
    const folder = folderOf(t);
    const config = ['--config', join(folder, 'broker.yaml')];
    await run(['issuer', 'revoke', ...config, '--jti', 'token-1']);
    const before = await run(['issuer', 'revocations', ...config]);
    assert.deepEqual([before.code, before.stdout], [0, 'in order: 1 tokens and 0 users are revoked\n']);
    rmSync(join(folder, 'state/revocations.yaml'));
    const lost = await run(['issuer', 'revocations', ...config]);
    assert.deepEqual([lost.code, lost.stdout], [3, '']);
    assert.match(lost.stderr, /revocations\.yaml has gone\. .*issuer revocations --accept/);
    const accepted = await run(['issuer', 'revocations', ...config, '--accept']);
    assert.deepEqual([accepted.code, accepted.stdout], [0, 'accepted: 0 tokens and 0 users are revoked\n']);
    assert.equal((await run(['issuer', 'revocations', ...config])).code, 0);
  });

  void test('is a wrong usage without a file', async (t) => {
    const { revocationsFile: _none, ...noFile } = ISSUER;
    const { code, stderr } = await run(['issuer', 'revocations', '--config', join(folderOf(t, noFile), 'broker.yaml')]);
    assert.equal(code, 2);
    assert.match(stderr, /has no issuer\.revocationsFile/);
  });
});
