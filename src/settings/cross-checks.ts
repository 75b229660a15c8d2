// What no single value can tell: names that must be unique or must exist.

import { isJsonObject, type JsonObject } from '../core/claims.ts';
import type { Issue } from './issue.ts';
import { didYouMean } from './suggest.ts';

/**
 * Works on raw YAML, so that these errors are reported beside all others and not only once those are mended. Tolerates any
 * shape: what has the wrong one is the schema's to report.
 */
export function crossCheck(data: unknown): Issue[] {
  if (!isJsonObject(data)) return [];
  const providers = maps(data['providers']);
  const webhook = isJsonObject(data['webhook']) ? data['webhook'] : {};
  const endpoints = maps(webhook['endpoints']);
  return [
    ...duplicates(providers, 'name', ['providers']),
    ...duplicates(endpoints, 'path', ['webhook', 'endpoints']),
    ...unknownProviders(endpoints, providers),
  ];
}

interface Entry {
  readonly index: number;
  readonly value: JsonObject;
}

function maps(list: unknown): Entry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, index) => (isJsonObject(value) ? [{ index, value }] : []));
}

function duplicates(entries: readonly Entry[], key: string, at: readonly string[]): Issue[] {
  const seen = new Set<unknown>();
  return entries.flatMap(({ index, value }) => {
    const name = value[key];
    if (typeof name !== 'string' || !seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ path: [...at, index, key], message: `${name} is there already; every ${key} must be unique` }];
  });
}

function unknownProviders(endpoints: readonly Entry[], providers: readonly Entry[]): Issue[] {
  const known = providers.map(({ value }) => value['name']).filter((name) => typeof name === 'string');
  return endpoints.flatMap(({ index, value }) => {
    const names: unknown = value['providers'];
    if (!Array.isArray(names)) return [];
    return names.flatMap((name: unknown, position): Issue[] => {
      const path = ['webhook', 'endpoints', index, 'providers', position];
      if (typeof name !== 'string') return [];
      if (names.indexOf(name) < position) return [{ path, message: `${name} is in this list already` }];
      return known.includes(name) ? [] : [{ path, message: `there is no provider ${name}${didYouMean(name, known)}` }];
    });
  });
}
