// What one section of the configuration demands of another, and what is doubtful only beside another.

import type { z } from 'zod';
import { usernameOverlap } from '../authn/mapping/mapping.ts';
import type { IssuerSettings } from '../issuer/settings.ts';
import { isJsonList, isJsonObject } from '../text/json.ts';
import { didYouMean } from '../text/suggest.ts';
import type { Config } from './config.ts';
import { checkListeners } from './listener-schema.ts';
import { openidFaults, openidWarnings } from './openid-schema.ts';
import { ISSUED, type ProviderConfig } from './providers-schema.ts';
import type { Written } from './schema.ts';
import { mapsIn, soundness } from './soundness.ts';
import { issuerFaults } from './upstream-issuers.ts';
import { DEFAULT_ENDPOINT, type EndpointConfig } from './webhook-schema.ts';

type Context = z.core.$RefinementCtx;
type Fault = readonly [(string | number)[], string];

/** A refinement of the whole file; a section that failed holds anything, and what can still be told of it is told. */
export function checkSections(given: Written, context: Context): void {
  checkListeners(given, context);
  const faults = [
    withoutIssuer,
    withoutShared,
    unknownProviders,
    unknownEndpoints,
    ignoredIssuer,
    ownSignIn,
    openidFaults,
  ].flatMap((check) => check(given));
  for (const [path, message] of [...faults, ...issuerFaults(given, soundness(context))]) {
    context.addIssue({ code: 'custom', path, message });
  }
  const { issuer, portal } = given;
  if (issuer === undefined || portal === undefined || !soundness(context)('issuer', 'keys', 0)) return;
  const [first] = issuer.keys;
  if (first === undefined || 'fault' in first.result || first.result.key.sign !== undefined) return;
  const message = 'signs the tokens of the portal, so it needs privateKey: the public half can only verify';
  context.addIssue({ code: 'custom', path: ['issuer', 'keys', 0], message });
}

/** What lives on the issuer's keys: the providers of its tokens, and the portal. */
function withoutIssuer({ issuer, portal, providers }: Written): readonly Fault[] {
  if (issuer !== undefined) return [];
  const message = 'needs the section issuer';
  return [
    ...mapsIn(providers)
      .filter(({ value }) => value['type'] === ISSUED.type)
      .map(({ index }): Fault => [['providers', index, 'type'], message]),
    ...(portal === undefined ? [] : [[['portal'], message] satisfies Fault]),
  ];
}

function withoutShared({ issuer, shared }: Written): readonly Fault[] {
  if (shared !== undefined || issuer?.revocations === undefined) return [];
  return [[['issuer', 'revocations'], 'needs the section shared']];
}

function unknownProviders({ providers, webhook }: Written): readonly Fault[] {
  const names = mapsIn(providers).map(({ value }) => value['name']);
  const known = new Set(names.filter((name) => typeof name === 'string'));
  return mapsIn(valueAt(webhook, 'endpoints')).flatMap(({ index, value: { providers: listed } }) => {
    if (!isJsonList(listed)) return [];
    const seen = new Set<unknown>();
    return listed.flatMap((name, position): Fault[] => {
      if (typeof name !== 'string' || known.has(name) || seen.has(name)) return [];
      seen.add(name);
      const path = ['webhook', 'endpoints', index, 'providers', position];
      return [[path, `there is no provider ${name}${didYouMean(name, [...known])}`]];
    });
  });
}

function unknownEndpoints({ portal, webhook }: Written): readonly Fault[] {
  const known = mapsIn(valueAt(webhook, 'endpoints'))
    .map(({ value }) => value['path'])
    .filter((path) => typeof path === 'string');
  const signIn = valueAt(portal, 'signIn');
  const buttons = mapsIn(valueAt(signIn, 'oidc')).map(
    ({ index, value }) => [['oidc', index], value['endpoint']] as const,
  );
  const ways = ['password', 'header'].map((way) => [[way], valueAt(signIn, way, 'endpoint')] as const);
  return [...ways, ...buttons].flatMap(([way, endpoint]): Fault[] => {
    if (typeof endpoint !== 'string' || known.length === 0 || known.includes(endpoint)) return [];
    const path = ['portal', 'signIn', ...way, 'endpoint'];
    return [[path, `there is no endpoint ${endpoint}${didYouMean(endpoint, known)}`]];
  });
}

/** A token of the broker would buy a new one for ever. */
function ownSignIn({ issuer, portal }: Written): readonly Fault[] {
  const name = valueAt(issuer, 'name');
  return mapsIn(valueAt(portal, 'signIn', 'oidc')).flatMap(({ index, value }): Fault[] =>
    typeof name === 'string' && value['issuer'] === name
      ? [
          [
            ['portal', 'signIn', 'oidc', index, 'issuer'],
            'is issuer.name: people sign in at another provider than this broker',
          ],
        ]
      : [],
  );
}

/** The broker would refuse its own tokens by their form. */
function ignoredIssuer({ issuer, ignoreIssuers }: Written): readonly Fault[] {
  const name = valueAt(issuer, 'name');
  if (typeof name !== 'string' || !isJsonList(ignoreIssuers)) return [];
  const message = 'is issuer.name: the tokens of this broker would go to no provider';
  return ignoreIssuers.flatMap((ignored, index): Fault[] =>
    ignored === name ? [[['ignoreIssuers', index], message]] : [],
  );
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((at, key) => (isJsonObject(at) ? at[key] : undefined), value);
}

/** Path of the first endpoint that takes issued tokens, else of the first. */
export function issuedEndpoint(endpoints: readonly EndpointConfig[], providers: readonly ProviderConfig[]): string {
  const taking = endpoints.find((endpoint) => takesIssued(endpoint, providers));
  return (taking ?? endpoints[0])?.path ?? DEFAULT_ENDPOINT;
}

/** What is legal section by section, and probably not meant. */
export function sectionWarnings(
  config: Pick<Config, 'webhook' | 'providers' | 'issuer' | 'portal' | 'shared'>,
): readonly string[] {
  const { webhook, providers, issuer, portal, shared } = config;
  return [
    ...unusedWarnings(webhook.endpoints, providers),
    ...webhook.endpoints.flatMap((endpoint) => overlapWarnings(endpoint, providers)),
    ...(issuer?.crossEndpoints === true ? crossOverlapWarnings(webhook.endpoints, providers) : []),
    ...deadTokenWarnings(config),
    ...unreviewedWarnings(config),
    ...openidWarnings(issuer, shared),
    ...(issuer !== undefined && !providers.some(({ type }) => type === ISSUED.type)
      ? ['issuer: no provider takes the tokens that are issued; add one of type issued']
      : []),
    ...(portal !== undefined && issuer !== undefined ? revocationWarnings(issuer) : []),
  ];
}

function revocationWarnings({ revocations, revocationsFile }: IssuerSettings): readonly string[] {
  if (revocationsFile !== undefined) return [];
  return revocations === undefined
    ? ['issuer.revocationsFile is not set, so a token that was issued is good until it expires']
    : [
        'issuer.revocationsFile is not set, so a broker that starts while the shared store is lost takes no issued token; name a file for its snapshot',
      ];
}

function unusedWarnings(endpoints: readonly EndpointConfig[], providers: readonly ProviderConfig[]): readonly string[] {
  const used = new Set(endpoints.flatMap(({ providers: listed }) => listed));
  return providers.filter(({ name }) => !used.has(name)).map(({ name }) => `provider ${name} is used by no endpoint`);
}

/** Two people behind one Kubernetes name is the worst a mapping can do. */
function overlapWarnings({ path, providers: listed }: EndpointConfig, providers: readonly ProviderConfig[]): string[] {
  return overlaps(providers.filter(({ name }) => listed.includes(name))).map(
    ([a, b]) => `endpoint ${path}: providers ${a} and ${b} could yield the same username; give them different prefixes`,
  );
}

/** With `issuer.crossEndpoints` a token of one endpoint opens every other that takes issued tokens. */
function crossOverlapWarnings(endpoints: readonly EndpointConfig[], providers: readonly ProviderConfig[]): string[] {
  const taking = endpoints.filter((endpoint) => takesIssued(endpoint, providers));
  const listed = new Set(taking.flatMap((endpoint) => endpoint.providers));
  const isTold = (a: string, b: string) =>
    taking.some((endpoint) => endpoint.providers.includes(a) && endpoint.providers.includes(b));
  return overlaps(providers.filter(({ name }) => listed.has(name)))
    .filter(([a, b]) => !isTold(a, b))
    .map(
      ([a, b]) =>
        `issuer.crossEndpoints: providers ${a} and ${b} could yield the same username at different endpoints; give them different prefixes`,
    );
}

/** Pairs of names. The holder of an issued token has signed in at one of the others: the same name is the same person. */
function overlaps(providers: readonly ProviderConfig[]): readonly (readonly [string, string])[] {
  const used = providers.filter(({ type }) => type !== ISSUED.type);
  return used.flatMap((a, index) =>
    used
      .slice(index + 1)
      .filter((b) => usernameOverlap(a.mapping, b.mapping))
      .map((b) => [a.name, b.name] as const),
  );
}

/** Sign-ins whose tokens no endpoint would take. */
function deadTokenWarnings({ webhook, providers, issuer, portal }: Parameters<typeof sectionWarnings>[0]): string[] {
  if (portal === undefined || issuer?.crossEndpoints === true) return [];
  const ways = [
    ['password', portal.passwordEndpoint],
    ['header', portal.header?.endpoint],
    ...(portal.oidc ?? []).map(({ name, endpoint }) => [`oidc ${name}`, endpoint] as const),
  ] as const;
  // Where no endpoint takes issued tokens, one sentence says so already.
  if (!webhook.endpoints.some((endpoint) => takesIssued(endpoint, providers))) return [];
  return ways.flatMap(([way, path]) => {
    const endpoint = webhook.endpoints.find((candidate) => candidate.path === path);
    if (endpoint === undefined || takesIssued(endpoint, providers)) return [];
    return [
      `portal.signIn.${way}: its tokens are good at ${path} alone, which has no provider of type issued; add one there, or name another endpoint`,
    ];
  });
}

/** Sign-ins whose tokens go to nobody. */
function unreviewedWarnings({ webhook, providers, portal }: Parameters<typeof sectionWarnings>[0]): string[] {
  return (portal?.oidc ?? []).flatMap(({ name, endpoint }) => {
    const listed = webhook.endpoints.find(({ path }) => path === endpoint)?.providers ?? [];
    const taking = providers.filter(
      ({ name: provider, type, accepts }) =>
        listed.includes(provider) && type !== ISSUED.type && accepts.includes('bearer'),
    );
    if (taking.length > 0) return [];
    return [
      `portal.signIn.oidc ${name}: no provider of ${endpoint} takes its tokens, so nobody gets in there; add one of type oidc-jwt`,
    ];
  });
}

function takesIssued({ providers: listed }: EndpointConfig, providers: readonly ProviderConfig[]): boolean {
  return providers.some(({ name, type }) => type === ISSUED.type && listed.includes(name));
}
