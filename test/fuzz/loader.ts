// Any text as configuration: a Config or errors with their places; never an exception, never a file's content in a message.

import { readFileSync } from 'node:fs';
import { providerModules } from '../../providers/index.ts';
import { formatDiagnostic, loadConfig } from '../../src/settings/load.ts';
import { makeAuthority } from '../support/certificates.ts';
import { usersFile } from '../support/users-file.ts';
import { mutate } from './mutate.ts';
import { type Target, Violation } from './target.ts';

const SECRET = 'a-secret-in-a-file-Qx7';
const SEEDS: readonly [string, ...string[]] = [
  readFileSync(new URL('../../config/broker.yaml', import.meta.url), 'utf8'),
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

export function loaderTarget(): Target {
  const pair = makeAuthority('fuzz').issue({ commonName: 'localhost', names: ['localhost'] });
  const readFile = (path: string): string => {
    if (path.endsWith('.crt')) return pair.cert;
    if (path.endsWith('.key')) return pair.key;
    return path.endsWith('users.yaml') ? usersFile({ username: 'alice', password: 'x' }) : SECRET;
  };
  return {
    name: 'loader',
    run: (random) => {
      const text = mutate(random.pick(SEEDS), random, WORDS);
      const read = (path: string): string => (path === '/broker.yaml' ? text : readFile(path));
      const loaded = loadConfig('/broker.yaml', {
        env: { X: SECRET },
        readFile: read,
        modules: providerModules,
        nowMs: () => 0,
      });
      if (loaded.ok) return 'taken';
      if (loaded.errors.length === 0) throw new Violation('refused without an error', text);
      const lines = loaded.errors.map(formatDiagnostic);
      const bad = lines.find((line) => !/^\/broker\.yaml:\d+:\d+: ./.test(line) || line.includes(SECRET));
      if (bad !== undefined) throw new Violation(`an error that says ${bad}`, text);
      return 'refused';
    },
  };
}
