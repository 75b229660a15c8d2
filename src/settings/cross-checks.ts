// What no single value can tell: names that must be unique or must exist.

import { type Address, formatAddress, parseAddress } from '../core/listening.ts';
import { isJsonObject, type JsonObject } from '../text/json.ts';
import { didYouMean } from '../text/suggest.ts';
import type { Issue } from './issue.ts';
import { DEFAULT_ADDRESSES } from './listener-schema.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { DEFAULT_ENDPOINT } from './schema.ts';

/**
 * Works on raw YAML, so that these errors are reported beside all others and not only once those are mended. Tolerates any
 * shape: what has the wrong one is the schema's to report.
 */
export function crossCheck(data: unknown, modules: readonly AnyProviderModule[]): Issue[] {
  if (!isJsonObject(data)) return [];
  const providers = maps(data['providers']);
  const webhook = isJsonObject(data['webhook']) ? data['webhook'] : {};
  const endpoints = maps(webhook['endpoints']);
  return [
    ...duplicates(providers, 'name', ['providers']),
    ...duplicates(endpoints, 'path', ['webhook', 'endpoints']),
    ...unknownProviders(endpoints, providers),
    ...withoutIssuer(data, providers, modules),
    ...unknownEndpoint(data, endpoints, 'password'),
    ...unknownEndpoint(data, endpoints, 'header'),
    ...sharedAddresses(data),
  ];
}

/** Who lives on the issuer's keys: its provider, and the portal. */
function withoutIssuer(data: JsonObject, providers: readonly Entry[], modules: readonly AnyProviderModule[]): Issue[] {
  if (data['issuer'] !== undefined) return [];
  const types = modules.filter(({ needsIssuer }) => needsIssuer === true).map(({ type }) => type);
  const message = 'needs the section issuer';
  return [
    ...providers
      .filter(({ value }) => types.some((type) => type === value['type']))
      .map(({ index }) => ({ path: ['providers', index, 'type'], message })),
    ...(data['portal'] === undefined ? [] : [{ path: ['portal'], message }]),
  ];
}

function unknownEndpoint({ portal }: JsonObject, endpoints: readonly Entry[], way: 'password' | 'header'): Issue[] {
  const signIn = isJsonObject(portal) ? portal['signIn'] : undefined;
  const block = isJsonObject(signIn) ? signIn[way] : undefined;
  if (!isJsonObject(block)) return [];
  const { endpoint = way === 'password' ? DEFAULT_ENDPOINT : undefined } = block;
  const paths = endpoints.length === 0 ? [DEFAULT_ENDPOINT] : endpoints.map(({ value }) => value['path']);
  if (typeof endpoint !== 'string' || paths.includes(endpoint)) return [];
  const known = paths.filter((path) => typeof path === 'string');
  return [
    {
      path: ['portal', 'signIn', way, 'endpoint'],
      message: `there is no endpoint ${endpoint}${didYouMean(endpoint, known)}`,
    },
  ];
}

/** Two listeners on one port: the second could not start. Told at the one that is written, the later where both are. */
function sharedAddresses(data: JsonObject): Issue[] {
  const sections = (['webhook', 'operations', 'portal'] as const).filter((name) => name !== 'portal' || name in data);
  const listeners = sections.map((section) => {
    const block = data[section];
    const written = isJsonObject(block) ? block['address'] : undefined;
    const text = written ?? DEFAULT_ADDRESSES[section];
    return {
      section,
      isWritten: written !== undefined,
      address: typeof text === 'string' ? parseAddress(text) : undefined,
    };
  });
  return listeners.flatMap(({ section, isWritten, address }, index) => {
    const other = listeners.slice(0, index).find((earlier) => isSame(earlier.address, address));
    if (address === undefined || other === undefined) return [];
    const [at, same] = isWritten ? [section, other.section] : [other.section, section];
    const message = `${formatAddress(address)} is ${same}.address, too; every listener needs a port of its own`;
    return [{ path: [at, 'address'], message }];
  });
}

/** Port 0 is a free one, another each time. */
function isSame(a: Address | undefined, b: Address | undefined): boolean {
  return a !== undefined && b !== undefined && a.port !== 0 && a.port === b.port && a.host === b.host;
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
