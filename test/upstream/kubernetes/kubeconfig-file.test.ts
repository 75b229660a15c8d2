// A kubeconfig that is none is refused, and nothing of it is repeated: any word of it may be a secret.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickEntries } from '../../../src/upstream/kubernetes/kubeconfig-file.ts';

const NONE = 'the file is no YAML or JSON object';
const unreadable = [
  {
    name: 'YAML that is none',
    given: 'users: [token: Canary-token',
    want: 'the file has a fault at 1:28: this line is indented too little or too much, or a bracket before it is not closed',
  },
  { name: 'a text', given: 'Canary-token', want: NONE },
  { name: 'a list', given: '- Canary-token', want: NONE },
  {
    name: 'an alias without an anchor',
    given: 'users: *Canary-token',
    want: 'the file has a fault at 1:8: there is no anchor for this alias',
  },
];

for (const { name, given, want } of unreadable) {
  void test(`${name} is refused without a quote`, () => {
    assert.deepEqual(pickEntries(given), { ok: false, faults: [want] });
  });
}

const REST = 'current-context: w\ncontexts: [{ name: w, context: { cluster: a, user: u } }]\n';
const SERVER = 'https://broker.corp.example/authenticate';
const people = [
  { name: 'anchors', given: `x: &x ${SERVER}\n${REST}clusters: [{ name: a, cluster: { server: *x } }]\n` },
  {
    name: 'merge keys',
    given: `x: &x { server: ${SERVER} }\n${REST}clusters: [{ name: a, cluster: { <<: *x } }]\n`,
  },
  {
    name: 'Windows line ends and a byte-order mark',
    given: `\ufeff${REST}clusters:\n- name: a\n  cluster:\n    server: ${SERVER}\n`.replaceAll('\n', '\r\n'),
  },
  {
    name: 'JSON',
    given: JSON.stringify({
      'current-context': 'w',
      contexts: [{ name: 'w', context: { cluster: 'a', user: 'u' } }],
      clusters: [{ name: 'a', cluster: { server: SERVER } }],
    }),
  },
];

for (const { name, given } of people) {
  void test(`a kubeconfig with ${name} is read`, () => {
    const picked = pickEntries(given);
    assert.equal(picked.ok && picked.entries.cluster['server'], SERVER, JSON.stringify(picked));
  });
}

void test('the switches of YAML 1.1 are what they are for Go', () => {
  const text =
    'current-context: w\ncontexts: [{name: w, context: {cluster: b}}]\nclusters: [{name: b, cluster: {insecure-skip-tls-verify: yes}}]\n';
  const picked = pickEntries(text);
  assert.equal(picked.ok && picked.entries.cluster['insecure-skip-tls-verify'], true);
});
