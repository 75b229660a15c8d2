// The command that imports kube-apiserver's file: what it prints, where, and its exit codes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oidcJwt } from '../../providers/oidc-jwt.ts';
import { folderWith, run } from './setup.ts';

const FILE = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer: { url: "https://idp.example", audiences: [kubernetes] }
  claimMappings: { username: { claim: sub, prefix: "idp:" } }
anonymous: { enabled: false }
`;
const seams = { modules: [oidcJwt] };

void test('prints a configuration that passes check, and notes on standard error', async (t) => {
  const folder = folderWith(t, { 'auth.yaml': FILE });
  const { code, stdout, stderr } = await run(['import', 'authentication-configuration', `${folder}/auth.yaml`], {
    seams,
  });
  assert.equal(code, 0);
  assert.match(stderr, /^\S+auth\.yaml:6:1: anonymous: stays in this file/);
  const result = folderWith(t, { 'broker.yaml': stdout });
  const checked = await run(['check', '--config', `${result}/broker.yaml`], { seams });
  assert.equal(checked.code, 0, checked.stderr);
});

void test('names the places of what cannot be imported, prints nothing and exits 2', async (t) => {
  const folder = folderWith(t, { 'auth.yaml': FILE.replace('claim: sub', 'clam: sub') });
  const { code, stdout, stderr } = await run(['import', 'authentication-configuration', `${folder}/auth.yaml`], {
    seams,
  });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /auth\.yaml:5:\d+: jwt\[0\]\.claimMappings\.username\.clam: unknown key \(did you mean "claim"\?\)/,
  );
});

for (const { name, given, want } of [
  { name: 'no file', given: [], want: /FILE is required/ },
  { name: 'an option', given: ['--config', 'x'], want: /FILE is required/ },
  { name: 'two files', given: ['a', 'b'], want: /an argument too many/ },
  { name: 'a file that is not there', given: ['/nowhere/a.yaml'], want: /cannot read \/nowhere\/a\.yaml: / },
]) {
  void test(`with ${name} is a wrong usage`, async () => {
    const { code, stderr } = await run(['import', 'authentication-configuration', ...given], { seams });
    assert.equal(code, 2);
    assert.match(stderr, want);
  });
}
