// The issuers that providers name: their tokens must arrive, and where a type takes them alone, go to one provider.

import { isJsonList, isJsonObject } from '../text/json.ts';
import type { ProviderConfig } from './providers-schema.ts';
import type { Written } from './schema.ts';
import { type IsSound, mapsIn } from './soundness.ts';

type Fault = readonly [(string | number)[], string];

interface IssuerAt {
  readonly provider: ProviderConfig;
  readonly name: string;
  readonly isExclusive: boolean;
  readonly path: (string | number)[];
}

export function issuerFaults(given: Written, isSound: IsSound): readonly Fault[] {
  const issuers = issuersOf(given, isSound);
  return [...ignored(given, issuers), ...shared(given, issuers)];
}

function issuersOf({ providers }: Written, isSound: IsSound): readonly IssuerAt[] {
  return mapsIn(providers).flatMap(({ index }) => {
    const provider = isSound('providers', index) ? providers[index] : undefined;
    if (provider === undefined) return [];
    return provider.issuers.map(({ name, path, isExclusive }) => ({
      provider,
      name,
      isExclusive,
      path: ['providers', index, 'options', ...path],
    }));
  });
}

function ignored({ ignoreIssuers }: Written, issuers: readonly IssuerAt[]): readonly Fault[] {
  const names: readonly unknown[] = isJsonList(ignoreIssuers) ? ignoreIssuers : [];
  const message = 'is in ignoreIssuers too, whose tokens go to no provider: take it out of there';
  return issuers.filter(({ name }) => names.includes(name)).map(({ path }): Fault => [path, message]);
}

/** Whichever of two came second would never be asked. */
function shared({ webhook, providers }: Written, issuers: readonly IssuerAt[]): readonly Fault[] {
  const all = mapsIn(providers).map(({ value }) => value['name']);
  const endpoints: unknown = isJsonObject(webhook) ? webhook.endpoints : [];
  return mapsIn(endpoints).flatMap(({ value: { path: endpoint, providers: listed } }) => {
    const names: readonly unknown[] = isJsonList(listed) ? listed : all;
    const asked = issuers.filter(({ provider, isExclusive }) => isExclusive && names.includes(provider.name));
    return asked.flatMap(({ provider, name, path }, index): Fault[] => {
      const first = asked.slice(0, index).find((other) => other.name === name && other.provider.type === provider.type);
      if (first === undefined) return [];
      const where = typeof endpoint === 'string' ? `, at endpoint ${endpoint}` : '';
      return [[path, `is that of provider ${first.provider.name} already${where}`]];
    });
  });
}
