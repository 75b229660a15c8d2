// The section `providers`: each entry by the schema of its type, with the mapping that every type has.

import { z } from 'zod';
import { defaultMapping, IDENTITY_MAPPING, type Mapping, type NameSource } from '../authn/mapping/mapping.ts';
import type { Expression } from '../cel/compile.ts';
import type { Credential } from '../core/credential.ts';
import { type IdentityRules, isReserved, MAX_GROUPS } from '../core/identity.ts';
import type { NextSteps } from '../core/reasons.ts';
import { didYouMean } from '../text/suggest.ts';
import { describeIssue } from './issue.ts';
import { checkMapping, mappingOf, mappingShape } from './mapping-schema.ts';
import type { AnyProviderModule, Fields, NamedIssuer, ProviderType } from './provider-module.ts';
import { type Section, section } from './section.ts';
import { ALWAYS, ALWAYS_LIST, unique } from './soundness.ts';

export interface ProviderConfig {
  readonly name: string;
  readonly type: string;
  readonly accepts: readonly Credential['kind'][];
  /** What opens it; absent of the type `issued`, which is opened from the issuer. */
  readonly upstream?: Upstream;
  readonly nextSteps?: NextSteps;
  readonly issuers: readonly NamedIssuer[];
  readonly match?: Expression<'match'>;
  readonly login?: Expression<'login'>;
  readonly timeoutMs: number;
  readonly onUnavailable: 'continue' | 'stop';
  readonly concurrency: number;
  readonly mapping: Mapping;
  readonly identityRules: IdentityRules;
}

interface Upstream {
  readonly module: AnyProviderModule;
  /** Checked by the module's own schema. */
  readonly options: unknown;
}

/** The type that takes the tokens of the broker's own issuer. */
export const ISSUED: ProviderType<object> = {
  type: 'issued',
  accepts: ['bearer'],
  nextSteps: {
    'unknown-key': 'Add the key to issuer.keys; a replica needs the keys of all replicas, or their public halves.',
    'foreign-issuer': 'Compare the iss claim with issuer.name.',
  },
  options: (fields) => fields.object({}),
};

const NAME = /^[\w](?:[\w.-]{0,61}\w)?$/;

/** The list; of an entry of an unknown type everything but its options is checked. */
export function providersField(fields: Fields, modules: readonly AnyProviderModule[]) {
  const issued = entryField(fields, ISSUED);
  const [first, ...rest] = [...modules.map((module) => entryField(fields, module, module)), issued];
  const types = [...modules.map(({ type }) => type), ISSUED.type];
  const entry = z.discriminatedUnion('type', [first, ...rest], {
    error: ({ input }) => (isEntry(input) ? unknownType(input.type, types) : 'must be a map'),
  });
  const untyped = fields.object({
    ...entryShape(fields),
    type: z.unknown().optional(),
    options: z.unknown().optional(),
  });
  const checked = entry.superRefine((given, context) => {
    if (types.includes(given.type)) return;
    const { error } = untyped.superRefine(checkMapping, ALWAYS).safeParse(given, { error: describeIssue });
    for (const issue of error?.issues ?? []) context.issues.push({ ...issue, input: undefined });
  }, ALWAYS);
  return z.array(checked).min(1).superRefine(unique('name'), ALWAYS_LIST);
}

/** What every entry has, whatever its type. */
function entryShape(fields: Fields) {
  return {
    name: z.string().regex(NAME, 'must be letters, digits, dots, hyphens and underscores, at most 63'),
    timeout: fields
      .duration({ minMs: 10, maxMs: 60_000 })
      .prefault('2500ms')
      .describe('For its whole part of one review: 10ms to 60s, default 2500ms.'),
    onUnavailable: z.enum(['continue', 'stop']).default('continue'),
    concurrency: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .describe('Upstream calls in flight; more wait in order until their deadline: 1 to 10000, default 64.'),
    maxGroups: z
      .int()
      .min(1)
      .max(MAX_GROUPS)
      .default(1000)
      .describe('Of one user, after the mapping: 1 to 5000, default 1000.'),
    groupsOverLimit: z
      .enum(['reject', 'truncate'])
      .default('reject')
      .describe('A user in more groups than maxGroups is refused, or keeps the first ones; default reject.'),
    ...mappingShape(fields),
  };
}

function entryField(fields: Fields, definition: ProviderType<unknown>, module?: AnyProviderModule) {
  const { type, accepts, nextSteps } = definition;
  const { name, ...others } = entryShape(fields);
  const entry = fields.object({ name, type: z.literal(type), ...others, options: section(definition.options(fields)) });
  return entry.superRefine(checkMapping, ALWAYS).transform((given): ProviderConfig => {
    const { match, login, timeout, onUnavailable, concurrency, reserved, maxGroups, groupsOverLimit, options } = given;
    return {
      name: given.name,
      type,
      accepts: definition.acceptsWith?.(options) ?? accepts,
      ...(nextSteps && { nextSteps }),
      issuers: definition.issuers?.(options) ?? [],
      ...(module && { upstream: { module, options } }),
      ...(match && { match }),
      ...(login && { login }),
      timeoutMs: timeout,
      onUnavailable,
      concurrency,
      // The claims of an issued token are names of Kubernetes already.
      mapping: mappingOf(
        given,
        module === undefined ? IDENTITY_MAPPING : defaultMapping(given.name, definition.defaultClaims),
      ),
      identityRules: { reserved, maxGroups, groupsOverLimit },
    };
  });
}

function isEntry(input: unknown): input is { readonly type?: unknown } {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function unknownType(type: unknown, types: readonly string[]): string {
  const known = `one of ${types.join(', ')}`;
  return typeof type === 'string' ? `must be ${known}${didYouMean(type, types)}` : `is required: ${known}`;
}

export function providersSection(settings: readonly ProviderConfig[]): Section<readonly ProviderConfig[]> {
  return {
    settings,
    warnings: settings.flatMap((provider) => warningsOf(provider).map((text) => `provider ${provider.name}: ${text}`)),
  };
}

function warningsOf(provider: ProviderConfig): readonly string[] {
  const { accepts, upstream, login, mapping, identityRules } = provider;
  const { reserved } = identityRules;
  return [
    ...(upstream?.module.warnings?.(upstream.options) ?? []),
    ...(login !== undefined && !accepts.includes('password')
      ? ['login has no effect, because it takes no passwords']
      : []),
    ...(isReservedPrefix(mapping.username) && reserved.usernames.length === 0
      ? [
          'every username starts with system:, so every login is refused; change the prefix, or list names in reserved.usernames',
        ]
      : []),
    ...(isReservedPrefix(mapping.groups) && reserved.groups.length === 0
      ? [
          'every group starts with system:, so every group is dropped; change the prefix, or list groups in reserved.groups',
        ]
      : []),
  ];
}

/** A prefix under which every name is Kubernetes' own. */
function isReservedPrefix(source: NameSource | undefined): boolean {
  return source?.kind === 'claim' && isReserved(source.prefix);
}
