// Loads configurations from memory, with one provider type that has a field of every kind.

import { z } from 'zod';
import { Secret } from '../../src/core/secret.ts';
import type { Config } from '../../src/settings/config.ts';
import { formatDiagnostic, type Loaded, loadConfig } from '../../src/settings/load.ts';
import { type AnyProviderModule, defineProvider } from '../../src/settings/provider-module.ts';

/** Every kind of field that a provider may have. */
export const every = defineProvider({
  type: 'every',
  accepts: ['password'],
  options: (fields) =>
    fields.object({
      url: fields.httpUrl(),
      secret: fields.secret().default(new Secret('default')),
      tls: fields.upstreamTls().optional(),
      list: fields.file().optional(),
      size: fields.bytes({ min: 10, max: 1024 }).default(64),
      wait: fields.duration({ minMs: 10, maxMs: 60_000 }).default(1000),
      method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
    }),
  warnings: ({ method }) => (method === 'HEAD' ? ['HEAD is odd'] : []),
  open: () => ({
    authenticate: async () => ({ kind: 'abstained', reason: 'unknown-user' }),
    probe: async () => undefined,
    close: async () => undefined,
  }),
});

/** Takes bearers, and no options at all. */
export const bearer = defineProvider({
  type: 'bearer',
  accepts: ['bearer'],
  options: (fields) => fields.object({}),
  open: () => ({
    authenticate: async () => ({ kind: 'abstained', reason: 'unknown-token' }),
    probe: async () => undefined,
    close: async () => undefined,
  }),
});

export const MODULES: readonly AnyProviderModule[] = [every, bearer];

export interface Outside {
  /** By path relative to `/etc/broker`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
}

export const HEAD = 'apiVersion: kube-auth-broker/v1\nkind: BrokerConfiguration\n';
export const PROVIDER = 'providers:\n  - name: web\n    type: every\n    options: { url: https://idp.example/ }\n';

export function loadText(text: string, { files = {}, env = {}, nowMs = Date.now() }: Outside = {}): Loaded {
  const all: Readonly<Record<string, string>> = { 'broker.yaml': text, ...files };
  return loadConfig('/etc/broker/broker.yaml', {
    env,
    modules: MODULES,
    nowMs: () => nowMs,
    readFile: (path) => {
      const name = path.replace('/etc/broker/', '');
      const found = Object.hasOwn(all, name) ? all[name] : undefined;
      if (found !== undefined) return found;
      throw Object.assign(new Error(`ENOENT: ${path}`), { code: path.endsWith('/forbidden') ? 'EACCES' : 'ENOENT' });
    },
  });
}

/** The configuration, which must have no error. */
export function configOf(text: string, outside?: Outside): Config {
  const loaded = loadText(text, outside);
  if (loaded.ok) return loaded.config;
  throw new Error(loaded.errors.map(formatDiagnostic).join('\n'));
}

/** Every error as it is printed, without the name of the file. */
export function errorsOf(text: string, outside?: Outside): readonly string[] {
  const loaded = loadText(text, outside);
  return loaded.ok ? [] : loaded.errors.map((error) => formatDiagnostic(error).replace('/etc/broker/broker.yaml:', ''));
}
