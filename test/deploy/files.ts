// Reads the deployment files for the tests that hold them against the program.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { providerModules } from '../../providers/index.ts';
import type { Config } from '../../src/settings/config.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { issueLoopback, makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';

export const DEPLOY = join(import.meta.dirname, '../../deploy');

/** Where the pod has the three folders that broker.yaml names files in. */
export const IN_POD = '/etc/kube-auth-broker';

export type Path = readonly (string | number)[];

/** Below `deploy/`. */
export function text(path: string): string {
  return readFileSync(join(DEPLOY, path), 'utf8');
}

/** Every document of a YAML file below `deploy/`; throws where it is no YAML. */
export function documents(path: string): readonly unknown[] {
  return parseYaml(text(path), path);
}

export function parseYaml(source: string, name: string): readonly unknown[] {
  const parsed = parseAllDocuments(source, { uniqueKeys: true });
  const all = 'empty' in parsed ? [] : parsed;
  return all.map((parsedDocument) => {
    const [fault] = parsedDocument.errors;
    if (fault !== undefined) throw new Error(`${name}: ${fault.message}`);
    const value: unknown = parsedDocument.toJS();
    return value;
  });
}

/** The only document of a file. */
export function document(path: string): unknown {
  const [only, ...others] = documents(path);
  if (only === undefined || others.length > 0) throw new Error(`${path} has ${others.length + 1} documents`);
  return only;
}

/** What is at this path inside plain data, or undefined. */
export function at(value: unknown, ...path: Path): unknown {
  return path.reduce((inner: unknown, key) => (isMap(inner) ? inner[key] : undefined), value);
}

/** A list at this path; an empty one where there is none. */
export function list(value: unknown, ...path: Path): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

function isMap(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The entry of a list with this name. */
export function named(name: string, value: unknown, ...path: Path): unknown {
  return list(value, ...path).find((entry) => at(entry, 'name') === name);
}

/** What the pod's JSON patch puts at this place. */
export function patched(path: string): unknown {
  return at(
    list(document('kubernetes/pod/pod.yaml')).find((operation) => at(operation, 'path') === path),
    'value',
  );
}

/** The broker's only container. */
export const podContainer = (): unknown => patched('/spec/template/spec/containers/0');

const authority = makeAuthority('deploy');
/** Good for long enough that its end is no warning. */
const server = issueLoopback(authority, { notAfter: new Date(Date.now() + 90 * 86_400_000) });

const issuerKey = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey;

/** What the volumes of the pod hold, by absolute path. */
const MOUNTED: Readonly<Record<string, string>> = {
  [`${IN_POD}/tls/tls.crt`]: server.cert,
  [`${IN_POD}/tls/tls.key`]: server.key,
  [`${IN_POD}/tls/client-ca.crt`]: authority.cert,
  [`${IN_POD}/tls/corp-ca.crt`]: authority.cert,
  [`${IN_POD}/secrets/users.yaml`]: usersFile({ username: 'alice', password: 'wonderland' }),
  [`${IN_POD}/secrets/ldap-bind`]: 'bind-secret\n',
  [`${IN_POD}/secrets/issuer-2026-11.pem`]: issuerKey,
  [`${IN_POD}/portal-tls/tls.crt`]: server.cert,
  [`${IN_POD}/portal-tls/tls.key`]: server.key,
  [`${IN_POD}/shared/ca.crt`]: authority.cert,
  [`${IN_POD}/shared/password`]: 'store-secret\n',
  [`${IN_POD}/shared/shared.key`]: `${randomBytes(48).toString('base64')}\n`,
  [`${IN_POD}/state/revocations.yaml`]: '',
};

/** Loads a configuration as the pod would, with the Secrets mounted; throws every error of it. */
export function configurationInPod(source: string): Config {
  const path = `${IN_POD}/config/broker.yaml`;
  const files: Readonly<Record<string, string>> = { ...MOUNTED, [path]: source };
  const loaded = loadConfig(path, {
    env: {},
    modules: providerModules,
    nowMs: () => Date.now(),
    readFile: (file) => {
      const content = files[file];
      if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return content;
    },
  });
  if (loaded.ok) return loaded.config;
  throw new Error(loaded.errors.map(formatDiagnostic).join('\n'));
}

/** What the program takes when the configuration says nothing. */
export function defaults(): Config {
  return configurationInPod(`
apiVersion: kube-auth-broker/v1
kind: BrokerConfiguration
providers: [{ name: local, type: users, options: { file: ../secrets/users.yaml } }]
`);
}
