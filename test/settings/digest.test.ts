// Which configurations may share verdicts: those that decide the same about everybody, wherever their files lie.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { configDigest } from '../../src/settings/digest.ts';
import { isJsonObject } from '../../src/text/json.ts';

const FILES = { '/etc/ca.crt': 'CA', '/etc/other.crt': 'CA', '/etc/third.crt': 'ANOTHER', '/etc/pw': 'secret' };
const ENV = { PASSWORD: 'secret', OTHER: 'secret', THIRD: 'changed' };
const BASE = `
webhook: { address: 127.0.0.1:8443, endpoints: [{ path: /authenticate, providers: [corp] }] }
providers:
  - name: corp
    type: ldap
    options: { urls: [ldaps://dc1], tls: { caFile: ca.crt }, bind: { dn: cn=svc, password: { env: PASSWORD } } }
cache: { authenticatedTTL: 60s }
issuer: { name: https://b, audience: kubernetes, revocationsFile: state/a.yaml }
log: { level: info }
`;

function digestOf(yaml: string): string {
  const data: unknown = parse(yaml);
  assert.ok(isJsonObject(data));
  return configDigest(data, { dir: '/etc', texts: new Map(Object.entries(FILES)), env: ENV });
}

void describe('the digest of a configuration', () => {
  const rows: { name: string; edit: readonly [from: string, to: string]; isSame: boolean }[] = [
    { name: 'another address', edit: ['127.0.0.1:8443', '10.0.0.1:8443'], isSame: true },
    { name: 'another file with the same content', edit: ['ca.crt', 'other.crt'], isSame: true },
    { name: 'another variable with the same value', edit: ['env: PASSWORD', 'env: OTHER'], isSame: true },
    { name: 'another TTL', edit: ['60s', '30s'], isSame: true },
    { name: 'another log level', edit: ['level: info', 'level: debug'], isSame: true },
    { name: 'another state file', edit: ['state/a.yaml', 'state/b.yaml'], isSame: true },
    { name: 'a file with another content', edit: ['ca.crt', 'third.crt'], isSame: false },
    { name: 'a variable with another value', edit: ['env: PASSWORD', 'env: THIRD'], isSame: false },
    { name: 'another upstream', edit: ['ldaps://dc1', 'ldaps://dc2'], isSame: false },
    { name: 'another path', edit: ['path: /authenticate', 'path: /other'], isSame: false },
    { name: 'another audience of the issuer', edit: ['audience: kubernetes', 'audience: other'], isSame: false },
  ];
  for (const { name, edit, isSame } of rows) {
    void test(`with ${name} is ${isSame ? 'the same' : 'another'}`, () => {
      assert.ok(BASE.includes(edit[0]));
      assert.equal(digestOf(BASE.replace(...edit)) === digestOf(BASE), isSame);
    });
  }
});
