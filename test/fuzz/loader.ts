// Any text as configuration, or as a file that it names: a Config or errors with their places; never an exception, never a secret.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { providerModules } from '../../providers/index.ts';
import { newKey } from '../../src/issuer/new-key.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';
import { mutate } from './mutate.ts';
import { type Target, Violation } from './target.ts';

const SECRET = 'a-secret-in-a-file-Qx7';
const ROBOT = 'a5Zm2Vq9xUe8Rk1tLw7pYc4s';
const EVERY_KEY = readFileSync(new URL('../../config/broker.yaml', import.meta.url), 'utf8');
/** Names the files that the one with every key cannot name, because it has something else in their place. */
const OTHER_FILES = `apiVersion: kube-auth-broker/v1
kind: BrokerConfiguration
providers:
  - name: idp
    type: oidc-jwt
    options: { issuer: { url: "https://idp.example", audiences: [kubernetes] }, keysFile: jwks.json, signingAlgorithms: [ES256] }
  - name: robots
    type: token-file
    options: { file: tokens.csv }
`;
const SEEDS: readonly [string, ...string[]] = [
  EVERY_KEY,
  OTHER_FILES,
  readFileSync(new URL('../../config/quickstart.yaml', import.meta.url), 'utf8'),
];
const WORDS: readonly [string, ...string[]] = [
  '- ',
  ': ',
  '\n  ',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '!!js/function ',
  '|',
  '>-',
  '---\n',
  '{ file: secret }',
  '{ env: X }',
  '1e9h',
  '-5s',
  '0',
  'true',
  '"',
  "'",
  'claims.x',
  '[',
  'type: ldap',
  'type: users',
  'match: "',
  'expression: "a[0"',
];

/** Every file that a configuration reads, right as it is: the one that is broken is then the only fault. */
function rightFiles(): Readonly<Record<string, string>> {
  const pair = makeAuthority('fuzz').issue({ commonName: 'localhost', names: ['localhost'] });
  const names = { cert: ['tls.crt', 'portal.crt', 'client-ca.crt', 'proxy-ca.crt', 'corp-ca.crt', 'ldap-client.crt'] };
  return {
    'tls.key': pair.key,
    'portal.key': pair.key,
    'ldap-client.key': pair.key,
    ...Object.fromEntries(names.cert.map((name) => [name, pair.cert])),
    'quickstart.users.yaml': usersFile({ username: 'alice', password: 'x' }),
    'revocations.yaml': '- { jti: a }\n- { username: alice, before: 2026-01-01T00:00:00Z }\n',
    'kubeconfig-template.yaml':
      'x: &x https://a.example\nclusters:\n- { name: a, cluster: { server: *x } }\ncontexts: [{ name: c, context: { cluster: a } }]\ncurrent-context: c\n',
    '2026-11.pem': newKey('EdDSA', randomBytes).secret,
    'shared.secret': newKey('HS256', randomBytes).secret,
    'shared.key': randomBytes(48).toString('base64'),
    'robots.tokens.yaml': `- { username: ci, sha256: ${createHash('sha256').update(ROBOT).digest('hex')}, groups: [builders] }\n`,
    'tokens.csv': `${ROBOT},ci,ci-1,"builders,deployers"\n`,
    'other-cluster.kubeconfig': `apiVersion: v1
kind: Config
clusters: [{ name: other, cluster: { server: https://other.example/review } }]
users: [{ name: broker, user: {} }]
contexts: [{ name: other, context: { cluster: other, user: broker } }]
current-context: other
`,
    'jwks.json': JSON.stringify({ keys: [publicJwk()] }),
  };
}

function publicJwk(): object {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' };
}

/** The configuration that names the file. */
const configurationFor = (file: string): string => (OTHER_FILES.includes(file) ? OTHER_FILES : EVERY_KEY);

export function loaderTarget(): Target {
  const right = rightFiles();
  const others = Object.keys(right);
  // The first input is right as it is: a fault of the set would hide all others.
  let count = 0;
  return {
    name: 'loader',
    run: (random) => {
      const isOther = random.oneIn(2);
      const broken = isOther ? (others[random.below(others.length)] ?? '') : 'broker.yaml';
      const seed = isOther ? configurationFor(broken) : random.pick(SEEDS);
      const text =
        count === 0 ? (right[broken] ?? seed) : mutate(isOther ? (right[broken] ?? '') : seed, random, WORDS);
      const readFile = (path: string): string => {
        const name = basename(path);
        if (name === broken) return text;
        return name === 'broker.yaml' ? seed : (right[name] ?? SECRET);
      };
      const loaded = loadConfig('/broker.yaml', {
        env: { X: SECRET, IDP_CLIENT_SECRET: SECRET },
        readFile,
        modules: providerModules,
        nowMs: () => Date.now(),
      });
      count += 1;
      if (loaded.ok) return `${isOther ? broken : 'configuration'} taken`;
      if (count === 1)
        throw new Violation(`what is right is refused: ${loaded.errors.map(formatDiagnostic).join()}`, text);
      if (loaded.errors.length === 0) throw new Violation('refused without an error', text);
      const lines = loaded.errors.map(formatDiagnostic);
      const bad = lines.find(
        (line) =>
          !FORM.test(line) || line.includes(SECRET) || line.includes(ROBOT) || line.includes('cannot be checked'),
      );
      if (bad !== undefined) throw new Violation(`an error that says ${bad}`, text);
      return `${isOther ? broken : 'configuration'} refused`;
    },
  };
}

/** One line with its place; an exception that no check expected would be `cannot be checked`. */
const FORM = /^\/broker\.yaml:\d+:\d+: [^\n]+$/;
