// A kubeconfig that is none is refused, and nothing of it is repeated: any word of it may be a secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickEntries } from '../../../src/cli/verify/kubeconfig-file.ts';

const unreadable = [
  { name: 'YAML that is none', given: 'users: [token: Canary-token' },
  { name: 'a text', given: 'Canary-token' },
  { name: 'a list', given: '- Canary-token' },
];

for (const { name, given } of unreadable) {
  void test(`${name} is refused without a quote`, () => {
    assert.deepEqual(pickEntries(given), { ok: false, faults: ['the file is no YAML or JSON object'] });
  });
}

void test('the switches of YAML 1.1 are what they are for Go', () => {
  const text =
    'current-context: w\ncontexts: [{name: w, context: {cluster: b}}]\nclusters: [{name: b, cluster: {insecure-skip-tls-verify: yes}}]\n';
  const picked = pickEntries(text);
  assert.equal(picked.ok && picked.entries.cluster['insecure-skip-tls-verify'], true);
});
