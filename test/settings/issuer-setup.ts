// Configurations with the sections `issuer` and `portal`, loaded from memory.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { providerModules } from '../../providers/index.ts';
import { newKey } from '../../src/issuer/new-key.ts';
import type { Config } from '../../src/settings/config.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { HOUR_MS } from '../issuer/setup.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';

const authority = makeAuthority('settings');
const server = issueLoopback(authority, { notAfter: new Date(Date.now() + 9000 * HOUR_MS) });
const eddsa = newKey('EdDSA', randomBytes);
export const WEAK = 'hunter2-canary';
export const FILES: Readonly<Record<string, string>> = {
  'users.yaml': usersFile({ username: 'alice', password: 'wonderland' }),
  'ed.pem': eddsa.secret,
  'ed.pub': eddsa.publicPem ?? '',
  'es.pem': newKey('ES256', randomBytes).secret,
  'strong.secret': newKey('HS256', randomBytes).secret,
  'weak.secret': `${WEAK}\n`,
  'template.yaml': 'clusters: [{ name: prod, cluster: { server: "https://kube.corp.example" } }]',
  'empty.yaml': 'clusters: []',
  'broken-revocations.yaml': '- x',
  'tls.crt': server.cert,
  'tls.key': server.key,
  'ca.crt': authority.cert,
};

export const ED = { id: 'ed', algorithm: 'EdDSA', privateKey: { file: 'ed.pem' } };
export const ISSUER = { name: 'https://broker.corp.example', audience: 'kubernetes', keys: [ED] };
export const PORTAL = { signIn: { password: {} } };
export const HEADER = { trustedAddresses: ['127.0.0.1/32'] };
export const TLS = { certFile: 'tls.crt', keyFile: 'tls.key' };
export const STAFF = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };
export const ISSUED = { name: 'issued', type: 'issued' };

export function load(sections: object, files: Readonly<Record<string, string>> = FILES) {
  const head = { apiVersion: 'kube-auth-broker/v1', kind: 'BrokerConfiguration', providers: [STAFF, ISSUED] };
  const all: Readonly<Record<string, string>> = {
    ...files,
    'broker.yaml': stringify({ ...head, ...sections }, { aliasDuplicateObjects: false }),
  };
  return loadConfig('/etc/broker/broker.yaml', {
    env: {},
    modules: providerModules,
    nowMs: () => Date.now(),
    readFile: (path) => {
      const text = all[path.replace('/etc/broker/', '')];
      if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
      return text;
    },
  });
}

/** `path: message` of every fault. */
export function faultsOf(sections: object): readonly string[] {
  const loaded = load(sections);
  return loaded.ok ? [] : loaded.errors.map((error) => formatDiagnostic(error).replace(/^.*?: /, ''));
}

export function configOf(sections: object): Config {
  const loaded = load(sections);
  assert.ok(loaded.ok, JSON.stringify(faultsOf(sections)));
  return loaded.config;
}
