// Loads configurations out of documents, with a file of the right kind behind every name that they mention.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse, stringify } from 'yaml';
import { providerModules } from '../../providers/index.ts';
import { tokenDigest } from '../../src/core/token-digest.ts';
import { newKey } from '../../src/issuer/new-key.ts';
import { createFields } from '../../src/settings/fields.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { configSchema } from '../../src/settings/schema.ts';
import { isJsonObject } from '../../src/text/json.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';
import { ROOT } from './markdown.ts';

const QUARTER_MS = 90 * 86_400_000;
const pair = issueLoopback(makeAuthority('documents'), { notAfter: new Date(Date.now() + QUARTER_MS) });
const people = usersFile({ username: 'alice', password: 'wonderland' });

const kubeconfig = stringify({
  clusters: [{ name: 'other', cluster: { server: 'https://other-cluster.corp.example:6443/review' } }],
  contexts: [{ name: 'other', context: { cluster: 'other' } }],
  'current-context': 'other',
});
const robots = stringify([{ username: 'robot', sha256: tokenDigest('a token') }]);

const signing = newKey('EdDSA', randomBytes);
const shared = newKey('HS256', randomBytes);
const template = 'clusters: [{ name: prod, cluster: { server: "https://kube.corp.example:6443" } }]\n';

/** By its name: a certificate, a key, a users or token file, a template, revocations, else a secret. */
function fileCalled(path: string): string {
  const name = basename(path);
  if (/\/keys\/.*\.pem$/.test(path)) return signing.secret;
  if (name.endsWith('.secret')) return shared.secret;
  if (name === 'shared.key') return shared.secret;
  if (name.startsWith('revocations')) return '';
  if (name.startsWith('kubeconfig-template')) return template;
  if (/\.crt$|\bca\b/.test(name)) return pair.cert;
  if (/\.key$|\.pem$/.test(name)) return pair.key;
  if (name.endsWith('.kubeconfig')) return kubeconfig;
  if (name.endsWith('tokens.csv')) return 'a-token,robot,7\n';
  if (name.endsWith('tokens.yaml')) return robots;
  return name.endsWith('.yaml') ? people : 'a secret\n';
}

/** A value for every variable that the text mentions. */
function variablesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(/\benv: *(\w+)/g)].map(([, name = '']) => [name, 'a secret']));
}

/** What is wrong with a configuration, `place: message`; empty when it loads. */
export function faultsOf(text: string, name = 'block.yaml', files = fileCalled): readonly string[] {
  const loaded = loadConfig(name, {
    env: variablesIn(text),
    readFile: (path) => (path.endsWith(name) ? text : files(path)),
    modules: providerModules,
    nowMs: () => Date.now(),
  });
  return loaded.ok ? [] : loaded.errors.map(formatDiagnostic);
}

const env = variablesIn(configFile('broker.yaml'));
const fields = createFields({ dir: ROOT, env, readFile: fileCalled, seen: () => undefined });
const schema = configSchema({ fields, modules: providerModules, nowMs: Date.now() });

/** What the program makes of an edited broker.yaml, as JSON text: equal texts mean equal settings. */
export function settingsOf(data: unknown): string {
  return JSON.stringify(schema.parse(data));
}

/** What is wrong with a YAML block of a page: a whole file, some of its sections, provider entries, a users file or a token file. */
export function blockFaults(text: string): readonly string[] {
  let data: unknown;
  try {
    data = parse(text);
  } catch (error) {
    return [error instanceof Error ? error.message : 'not YAML'];
  }
  if (Array.isArray(data)) return entriesFaults(data, text);
  if (!isJsonObject(data)) return ['neither a map nor a list'];
  const { apiVersion, providers } = data;
  if (typeof apiVersion === 'string' && !apiVersion.startsWith('kube-auth-broker/')) return [];
  if (apiVersion !== undefined) return faultsOf(text);
  return faultsOf(stringify({ ...HEAD, ...data, providers: providers ?? [STAFF] }));
}

const HEAD = { apiVersion: 'kube-auth-broker/v1', kind: 'BrokerConfiguration' };
const STAFF = { name: 'staff', type: 'users', options: { file: 'users.yaml' } };
const ROBOTS = { name: 'robots', type: 'token-file', options: { file: 'tokens.yaml' } };

function entriesFaults(data: readonly unknown[], text: string): readonly string[] {
  const has = (key: string): boolean => data.some((entry) => isJsonObject(entry) && key in entry);
  const local = has('passwordHash') ? STAFF : has('sha256') ? ROBOTS : undefined;
  if (local === undefined) return faultsOf(stringify({ ...HEAD, providers: data }));
  return faultsOf(stringify({ ...HEAD, providers: [local] }), 'block.yaml', () => text);
}

/** A file of `config/`. */
export function configFile(name: string): string {
  return readFileSync(new URL(`../../config/${name}`, import.meta.url), 'utf8');
}
