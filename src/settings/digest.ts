// What of a configuration decides who somebody is, as one short text: brokers that have the same may share verdicts.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { isJsonList, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

/** What the load of the file has read. */
export interface ReadValues {
  /** The folder that relative names resolve against. */
  readonly dir: string;
  /** By absolute path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Of providers, endpoints, ignored issuers, the issuer's name and audience, and the contents of the files and variables that
 * they name: the names themselves, addresses, limits and the log may differ from broker to broker.
 */
export function configDigest(data: JsonObject, read: ReadValues): string {
  const { providers = null, ignoreIssuers = null } = data;
  const endpoints = isJsonObject(data['webhook']) ? (data['webhook']['endpoints'] ?? null) : null;
  const { name = null, audience = null, crossEndpoints = null } = isJsonObject(data['issuer']) ? data['issuer'] : {};
  const decisive = { providers, endpoints, ignoreIssuers, issuer: { name, audience, crossEndpoints } };
  return createHash('sha256')
    .update(JSON.stringify(canonical(decisive, '', read)))
    .digest('base64url');
}

/** Keys in order, and in the place of every name of a file or variable a hash of what is in it. */
function canonical(value: JsonValue, key: string, read: ReadValues): JsonValue {
  if (typeof value === 'string') return /^file$|File$/.test(key) ? contentOf(value, read) : value;
  if (isJsonList(value)) return value.map((item) => canonical(item, key, read));
  if (!isJsonObject(value)) return value;
  const { env } = value;
  if (typeof env === 'string' && Object.keys(value).length === 1) return hashed(read.env[env] ?? '');
  const sorted = Object.keys(value).toSorted();
  return sorted.map((name) => [name, canonical(value[name] ?? null, name, read)]);
}

function contentOf(name: string, { dir, texts }: ReadValues): string {
  return hashed(texts.get(resolve(dir, name)) ?? name);
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
