// The parsed file as the Config that the program runs on, with the sentences about what is probably not meant.

import { IDENTITY_MAPPING, type Mapping, type NameSource, usernameOverlap } from '../authn/mapping/mapping.ts';
import { isReserved } from '../core/identity.ts';
import type { PortalSettings } from '../portal/settings.ts';
import type { Config, EndpointConfig, ProviderConfig } from './config.ts';
import { mappingOf } from './mapping-schema.ts';
import type { CheckedPortal } from './portal-schema.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { DEFAULT_ENDPOINT, type ParsedConfig, type ParsedProvider } from './schema.ts';
import { formatDuration } from './units.ts';

/** Pure. */
export function buildConfig(parsed: ParsedConfig, modules: readonly AnyProviderModule[]): Config {
  const providers = parsed.providers.map((entry) => providerConfig(entry, modules));
  const names = providers.map(({ name }) => name);
  const endpoints = parsed.webhook.endpoints.map(({ path, providers: listed, audiences }): EndpointConfig => {
    return { path, providers: listed ?? names, ...(audiences && { audiences }) };
  });
  const { address, tls, http2 } = parsed.webhook;
  return {
    webhook: { address, endpoints, http2, ...(tls && { tls: tls.tls }) },
    operations: parsed.operations,
    providers,
    ...(parsed.issuer && { issuer: parsed.issuer.settings }),
    ...(parsed.portal && { portal: portalSettings(parsed.portal.settings, endpoints, providers) }),
    cache: parsed.cache,
    limits: parsed.limits,
    ignoreIssuers: parsed.ignoreIssuers,
    log: parsed.log,
    ...(tls && { certificateNotAfterMs: tls.notAfterMs }),
    warnings: [
      ...(tls?.warnings ?? []),
      ...providers.flatMap(providerWarnings),
      ...unusedWarnings(endpoints, names),
      ...overlapWarnings(endpoints, providers),
      ...issuerWarnings(parsed, providers),
      ...stalenessWarnings(parsed),
    ],
  };
}

/** Tokens of people whom a proxy signed in are good where issued tokens are taken. */
function portalSettings(
  { header, ...settings }: CheckedPortal['settings'],
  endpoints: readonly EndpointConfig[],
  providers: readonly ProviderConfig[],
): PortalSettings {
  if (header === undefined) return settings;
  const takers = new Set(providers.filter(({ module }) => module.needsIssuer === true).map(({ name }) => name));
  const taking = endpoints.find(({ providers: listed }) => listed.some((name) => takers.has(name)));
  return { ...settings, header: { endpoint: taking?.path ?? endpoints[0]?.path ?? DEFAULT_ENDPOINT, ...header } };
}

function providerConfig(entry: ParsedProvider, modules: readonly AnyProviderModule[]): ProviderConfig {
  const module = modules.find(({ type }) => type === entry.type);
  if (module === undefined) throw new TypeError(`no module for provider type ${entry.type}`);
  const { name, options, match, login, timeout, onUnavailable, concurrency, reserved } = entry;
  const mapping: Mapping = mappingOf(name, entry, module.statesIdentities && IDENTITY_MAPPING);
  return {
    name,
    module,
    options,
    ...(match && { match }),
    ...(login && { login }),
    timeoutMs: timeout,
    onUnavailable,
    concurrency,
    mapping,
    reserved,
  };
}

function providerWarnings(provider: ProviderConfig): string[] {
  const { name, module, options, login } = provider;
  const warnings = (module.warnings?.(options) ?? []).map((warning) => `provider ${name}: ${warning}`);
  if (login !== undefined && !module.accepts.includes('password')) {
    warnings.push(`provider ${name}: login has no effect, because it takes no passwords`);
  }
  return [...warnings, ...reservedWarnings(provider)];
}

/** A prefix under which every name is Kubernetes' own. */
function reservedWarnings({ name, mapping, reserved }: ProviderConfig): string[] {
  return [
    ...(isOwn(mapping.username) && reserved.usernames.length === 0
      ? [
          `provider ${name}: every username starts with system:, so every login is refused; change the prefix, or list names in reserved.usernames`,
        ]
      : []),
    ...(isOwn(mapping.groups) && reserved.groups.length === 0
      ? [
          `provider ${name}: every group starts with system:, so every group is dropped; change the prefix, or list groups in reserved.groups`,
        ]
      : []),
  ];
}

function isOwn(source: NameSource | undefined): boolean {
  return source?.kind === 'claim' && isReserved(source.prefix);
}

function unusedWarnings(endpoints: readonly EndpointConfig[], names: readonly string[]): string[] {
  return names
    .filter((name) => endpoints.every(({ providers }) => !providers.includes(name)))
    .map((name) => `provider ${name} is used by no endpoint`);
}

/** Two people behind one Kubernetes name is the worst a mapping can do. */
function overlapWarnings(endpoints: readonly EndpointConfig[], providers: readonly ProviderConfig[]): string[] {
  return endpoints.flatMap(({ path, providers: listed }) => {
    // Who states identities has them from the others: the same name is the same person.
    const used = providers.filter(({ name, module }) => listed.includes(name) && module.statesIdentities !== true);
    return used.flatMap((a, index) =>
      used
        .slice(index + 1)
        .filter((b) => usernameOverlap(a.mapping, b.mapping))
        .map(
          (b) =>
            `endpoint ${path}: providers ${a.name} and ${b.name} could yield the same username; give them different prefixes`,
        ),
    );
  });
}

function issuerWarnings({ issuer, portal }: ParsedConfig, providers: readonly ProviderConfig[]): string[] {
  const warnings = [...(issuer?.warnings ?? []), ...(portal?.warnings ?? [])];
  if (issuer !== undefined && !providers.some(({ module }) => module.needsIssuer === true)) {
    warnings.push('issuer: no provider takes the tokens that are issued; add one of type issued');
  }
  if (portal !== undefined && issuer !== undefined && issuer.settings.revocationsFile === undefined) {
    warnings.push('issuer.revocationsFile is not set, so a token that was issued is good until it expires');
  }
  return warnings;
}

function stalenessWarnings({ cache }: ParsedConfig): string[] {
  if (cache.staleOnUnavailableMs === 0) return [];
  const most = formatDuration(cache.authenticatedTTLMs + cache.staleOnUnavailableMs);
  return [
    `cache.staleOnUnavailable: during an outage a removed user may still be let in, up to ${most} after the last check`,
  ];
}
