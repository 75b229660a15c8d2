// What to do next, in the words of the provider's own options where its type has some.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { newKey } from '../../../src/issuer/new-key.ts';
import { brokerYaml, folderWith, run } from '../setup.ts';

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

void test('an issued token of an unknown key: the key belongs into issuer.keys', async (t) => {
  const issuer = {
    name: 'https://broker.corp.example',
    audience: 'kubernetes',
    keys: [{ id: 'ed', algorithm: 'EdDSA', privateKey: { file: 'ed.pem' } }],
  };
  const files = {
    'broker.yaml': brokerYaml({ issuer, providers: [{ name: 'issued', type: 'issued' }] }),
    'ed.pem': newKey('EdDSA', randomBytes).secret,
  };
  const token = `${encoded({ alg: 'EdDSA', kid: 'other' })}.${encoded({ iss: issuer.name })}.${encoded({})}`;
  const { code, stdout } = await run(['explain', '--config', `${folderWith(t, files)}/broker.yaml`], { stdin: token });
  assert.equal(code, 1);
  assert.match(stdout, /- abstained: unknown-key, .* ms\n.*\n {4}next {8}Add the key to issuer\.keys; a replica needs/);
});
