// Whatever is written into a file of a running broker: one line with its place, and the last good configuration serves on.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newKey } from '../../src/issuer/new-key.ts';
import { stringList } from '../../src/text/json.ts';
import { mutate } from '../fuzz/mutate.ts';
import { seededRandom } from '../fuzz/random.ts';
import { startBroker } from '../support/broker.ts';
import { until } from '../support/settled.ts';
import { usersFile } from '../support/users-file.ts';

const CONFIG = {
  issuer: {
    name: 'https://broker.corp.example',
    audience: 'kubernetes',
    keys: [{ id: 'ed', algorithm: 'EdDSA', privateKey: { file: 'ed.pem' } }],
  },
  portal: {
    address: '127.0.0.1:0',
    signIn: { password: {} },
    kubeconfig: { template: 'template.yaml' },
  },
  providers: [
    { name: 'staff', type: 'users', options: { file: 'users.yaml' } },
    { name: 'issued', type: 'issued' },
    {
      name: 'idp',
      type: 'oidc-jwt',
      options: {
        issuer: { url: 'https://idp.example', audiences: ['kubernetes'] },
        keysFile: 'jwks.json',
        signingAlgorithms: ['ES256'],
      },
    },
    { name: 'robots', type: 'token-file', options: { file: 'tokens.csv' } },
    { name: 'machines', type: 'token-file', options: { file: 'tokens.yaml' } },
  ],
};

const TOKEN = 'a5Zm2Vq9xUe8Rk1tLw7pYc4s';

/** Every file that the configuration names, right as it is. */
function rightFiles(): Readonly<Record<string, string>> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  return {
    'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }),
    'template.yaml': 'clusters: [{ name: a, cluster: { server: "https://a.example" } }]',
    'ed.pem': newKey('EdDSA', randomBytes).secret,
    'jwks.json': JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }] }),
    'tokens.csv': `${TOKEN}x,ci,ci-1,"builders,deployers"\n`,
    'tokens.yaml': `- { username: machine, sha256: ${sha256}, groups: [machines] }\n`,
  };
}

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_126);
const MUTATIONS = 36;
const WORDS: readonly [string, ...string[]] = [
  '- ',
  ': ',
  '\n  ',
  '&a ',
  '*a',
  '{',
  '[',
  '"',
  ',',
  'type: users',
  '-----BEGIN',
];

const BROKEN = [
  '',
  'a: *gone',
  '- &a [*a]',
  `a: ${'['.repeat(1000)}`,
  '{'.repeat(20_000),
  '\0\0\0',
  '\u{1f642}: !!js/function x',
  '{ "clusters": [{}] }',
];

void describe('a running broker', () => {
  for (const name of [
    'broker.yaml',
    'users.yaml',
    'template.yaml',
    'ed.pem',
    'tls/tls.key',
    'jwks.json',
    'tokens.yaml',
  ]) {
    void test(`outlives any text in ${name}`, async (t) => {
      const broker = await startBroker(t, { config: CONFIG, files: rightFiles() });
      for (const [index, text] of BROKEN.entries()) {
        broker.write(name, text);
        broker.process.signal('SIGHUP');
        const lines = broker.logged('configuration not reloaded, the last good one stays in force');
        assert.ok(lines.length > index, `${name} with ${JSON.stringify(text.slice(0, 20))} is refused`);
        const errors = stringList(lines.at(-1)?.['errors']) ?? [];
        assert.notEqual(errors.length, 0);
        for (const error of errors) {
          assert.match(error, /^\S*broker\.yaml:\d+:\d+: [^\n]+$/);
          assert.doesNotMatch(error, /cannot be checked/);
        }
      }
      assert.equal((await broker.review('alice:wonderland')).user?.username, 'staff:alice');
      assert.equal(await broker.stop(), 0);
    });
  }

  void test('takes or refuses every mutation of its files, and serves on', async (t) => {
    const files = rightFiles();
    const broker = await startBroker(t, { config: CONFIG, files });
    const [refused, taken] = ['configuration not reloaded, the last good one stays in force', 'configuration reloaded'];
    const reloads = (): number => broker.logged(refused).length + broker.logged(taken).length;
    const random = seededRandom(SEED);
    const right: Readonly<Record<string, string>> = {
      ...files,
      'broker.yaml': readFileSync(join(broker.folder, 'broker.yaml'), 'utf8'),
    };
    const names = Object.keys(right);
    for (let count = 1; count <= MUTATIONS; count += 1) {
      const name = names[count % names.length] ?? '';
      const text = mutate(right[name] ?? '', random, WORDS);
      broker.write(name, text);
      const before = reloads();
      broker.process.signal('SIGHUP');
      // oxlint-disable-next-line no-await-in-loop -- one reload after the other
      await until('the reload has ended', () => reloads() > before);
      const errors = stringList(broker.logged(refused).at(-1)?.['errors']) ?? [];
      for (const error of errors) {
        assert.match(error, /^\S*broker\.yaml:\d+:\d+: [^\n]+$/, `FUZZ_SEED=${SEED}: ${name}`);
        assert.ok(!error.includes('cannot be checked') && !error.includes(TOKEN), `FUZZ_SEED=${SEED}: ${error}`);
      }
      broker.write(name, right[name] ?? '');
    }
    assert.ok(broker.logged(refused).length > MUTATIONS / 3, 'most mutations are faults');
    const last = reloads();
    broker.process.signal('SIGHUP');
    await until('the last reload has ended', () => reloads() > last);
    assert.equal((await broker.review('alice:wonderland')).authenticated, true);
    assert.equal(await broker.stop(), 0);
  });
});
