// Whatever is written into a file of a running broker: one line with its place, and the last good configuration serves on.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { newKey } from '../../src/issuer/new-key.ts';
import { stringList } from '../../src/text/json.ts';
import { startBroker } from '../support/broker.ts';
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
  ],
};

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
  for (const name of ['broker.yaml', 'users.yaml', 'template.yaml', 'ed.pem', 'tls/tls.key']) {
    void test(`outlives any text in ${name}`, async (t) => {
      const files: Readonly<Record<string, string>> = {
        'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }),
        'template.yaml': 'clusters: [{ name: a, cluster: { server: "https://a.example" } }]',
        'ed.pem': newKey('EdDSA', randomBytes).secret,
      };
      const broker = await startBroker(t, { config: CONFIG, files });
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
});
