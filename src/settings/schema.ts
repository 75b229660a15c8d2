// The schema of the configuration file; broker.schema.json is generated from it, and every default is here.

import { z } from 'zod';
import { didYouMean } from '../text/suggest.ts';
import { OR_EMPTY } from './empty-sections.ts';
import type { Fields } from './field-types.ts';
import { describeIssue } from './issue.ts';
import { issuerField } from './issuer-schema.ts';
import { cacheField, limitsField } from './limits-schema.ts';
import { addressField, DEFAULT_ADDRESSES, demandTls } from './listener-schema.ts';
import { checkMapping, mappingShape } from './mapping-schema.ts';
import { portalField } from './portal-schema.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { ALWAYS, soundness } from './soundness.ts';
import { webhookTlsField } from './tls-schema.ts';

export const API_VERSION = 'kube-auth-broker/v1';
export const KIND = 'BrokerConfiguration';
export const DEFAULT_ENDPOINT = '/authenticate';

/** Issuers whose JWTs reach a webhook only when kube-apiserver itself refused them. */
const SERVICE_ACCOUNT_ISSUERS = [
  'kubernetes/serviceaccount',
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc.cluster.local',
];

const NAME = /^[\w](?:[\w.-]{0,61}\w)?$/;
const PATH = /^\/(?:[\w.~-]+(?:\/[\w.~-]+)*)?$/;

/** What one load needs besides the text. */
export interface SchemaContext {
  readonly fields: Fields;
  readonly modules: readonly AnyProviderModule[];
  readonly nowMs: number;
}

/** The whole file; its output is turned into a {@link Config} by `load.ts`. */
export function configSchema({ fields, modules, nowMs }: SchemaContext) {
  const file = fields.object({
    apiVersion: z.literal(API_VERSION).describe('Always kube-auth-broker/v1.'),
    kind: z.literal(KIND).describe('Always BrokerConfiguration.'),
    webhook: webhookField(fields, nowMs)
      .meta(OR_EMPTY)
      .prefault({})
      .describe('The listener that kube-apiserver calls.'),
    operations: fields
      .object({ address: addressField(DEFAULT_ADDRESSES.operations) })
      .meta(OR_EMPTY)
      .prefault({})
      .describe('The listener that Prometheus and the kubelet call.'),
    providers: z.array(providerField(fields, modules)).min(1).describe('In the order in which they are asked.'),
    issuer: issuerField(fields).optional().describe('Turns on tokens that the broker itself issues.'),
    portal: portalField(fields, nowMs).optional().describe('The listener where people sign in for a token.'),
    cache: cacheField(fields).meta(OR_EMPTY).prefault({}).describe('How long verdicts are remembered.'),
    limits: limitsField(fields).meta(OR_EMPTY).prefault({}).describe('What one review, and all together, may take.'),
    ignoreIssuers: z
      .array(z.string().min(1))
      .default(SERVICE_ACCOUNT_ISSUERS)
      .describe('JWTs whose iss is one of these go to no provider.'),
    log: fields
      .object({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        format: z.enum(['json', 'text']).default('json'),
      })
      .meta(OR_EMPTY)
      .prefault({}),
  });
  return file.superRefine(({ issuer, portal }, context) => {
    if (portal === undefined || !soundness(context)('issuer') || issuer?.settings.keys[0]?.sign !== undefined) return;
    const message = 'signs the tokens of the portal, so it needs privateKey: the public half can only verify';
    if (issuer !== undefined) context.addIssue({ code: 'custom', path: ['issuer', 'keys', 0], message });
  }, ALWAYS);
}

export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;
export type ParsedProvider = ParsedConfig['providers'][number];

function webhookField(fields: Fields, nowMs: number) {
  const endpoint = fields.object({
    path: z.string().regex(PATH, 'must be a path such as /authenticate, without a slash at its end'),
    providers: z.array(z.string()).min(1).optional(),
    audiences: z.array(z.string().min(1)).min(1).optional(),
  });
  const listener = fields.object({
    address: addressField(DEFAULT_ADDRESSES.webhook),
    tls: webhookTlsField(fields, nowMs).optional(),
    http2: z.boolean().default(true).describe('Offered by ALPN beside HTTP/1.1; default true.'),
    endpoints: z
      .array(endpoint)
      .min(1)
      .default([{ path: DEFAULT_ENDPOINT }]),
  });
  return listener.superRefine(demandTls('webhook', 'tokens'), ALWAYS);
}

function providerField(fields: Fields, modules: readonly AnyProviderModule[]) {
  const entries = modules.map((module) => entryField(fields, module));
  const types = modules.map(({ type }) => type);
  const [first, ...rest] = entries;
  if (first === undefined) throw new TypeError('no provider types');
  const entry = z.discriminatedUnion('type', [first, ...rest], {
    error: ({ input }) => (isEntry(input) ? unknownType(input.type, types) : 'must be a map'),
  });
  const untyped = fields.object({
    ...entryShape(fields),
    type: z.unknown().optional(),
    options: z.unknown().optional(),
  });
  return entry.superRefine((given, context) => {
    if (types.some((type) => type === given.type)) return;
    const { error } = untyped.superRefine(checkMapping, ALWAYS).safeParse(given, { error: describeIssue });
    for (const issue of error?.issues ?? []) context.issues.push({ ...issue, input: undefined });
  }, ALWAYS);
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
    ...mappingShape(fields),
  };
}

function entryField(fields: Fields, module: AnyProviderModule) {
  const { name, ...others } = entryShape(fields);
  const options = module.options(fields).meta(OR_EMPTY).prefault({});
  const entry = fields.object({ name, type: z.literal(module.type), ...others, options });
  return entry.superRefine(checkMapping, ALWAYS);
}

function isEntry(input: unknown): input is { readonly type?: unknown } {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function unknownType(type: unknown, types: readonly string[]): string {
  const known = `one of ${types.join(', ')}`;
  return typeof type === 'string' ? `must be ${known}${didYouMean(type, types)}` : `is required: ${known}`;
}
