// The schema of the configuration file; broker.schema.json is generated from it, and every default is in one of its sections.

import { z } from 'zod';
import { checkSections, issuedEndpoint, sectionWarnings } from './across.ts';
import { cacheField, cacheSection } from './cache-schema.ts';
import type { Config } from './config.ts';
import { createFields } from './fields.ts';
import { issuerField, issuerSection } from './issuer-schema.ts';
import { limitsField, limitsSection } from './limits-schema.ts';
import { addressField } from './listener-schema.ts';
import { portalField, portalSection } from './portal-schema.ts';
import type { AnyProviderModule, Fields } from './provider-module.ts';
import { providersField, providersSection } from './providers-schema.ts';
import { section } from './section.ts';
import { sharedField, sharedSection } from './shared-schema.ts';
import { ALWAYS } from './soundness.ts';
import { webhookField, webhookSection } from './webhook-schema.ts';

export const API_VERSION = 'kube-auth-broker/v1';
export const KIND = 'BrokerConfiguration';

/** Issuers whose JWTs reach a webhook only when kube-apiserver itself refused them. */
export const SERVICE_ACCOUNT_ISSUERS: readonly string[] = [
  'kubernetes/serviceaccount',
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc.cluster.local',
];

/** What one load needs besides the text. */
export interface SchemaContext {
  readonly fields: Fields;
  readonly modules: readonly AnyProviderModule[];
  readonly nowMs: number;
}

/** From the data of the file to the configuration that the program runs on. */
export function configSchema(context: SchemaContext) {
  return fileField(context).superRefine(checkSections, ALWAYS).transform(configOf);
}

function fileField({ fields, modules, nowMs }: SchemaContext) {
  return fields.object({
    apiVersion: z.literal(API_VERSION).describe('Always kube-auth-broker/v1.'),
    kind: z.literal(KIND).describe('Always BrokerConfiguration.'),
    webhook: section(webhookField(fields, nowMs)).describe('The listener that kube-apiserver calls.'),
    operations: section(fields.object({ address: addressField('operations') })).describe(
      'The listener that Prometheus and the kubelet call.',
    ),
    providers: providersField(fields, modules).describe('In the order in which they are asked.'),
    issuer: issuerField(fields).optional().describe('Turns on tokens that the broker itself issues.'),
    portal: portalField(fields, nowMs).optional().describe('The listener where people sign in for a token.'),
    shared: sharedField(fields).optional().describe('What several brokers remember together; absent: each for itself.'),
    cache: section(cacheField(fields)).describe('How long verdicts are remembered.'),
    limits: section(limitsField(fields)).describe('What one review, and all together, may take.'),
    ignoreIssuers: z
      .array(z.string().min(1))
      .default([...SERVICE_ACCOUNT_ISSUERS])
      .describe('JWTs whose iss is one of these go to no provider.'),
    log: section(
      fields.object({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
        format: z.enum(['json', 'text']).default('json'),
      }),
    ),
  });
}

/** The file as it is written, each value right by itself. */
export type Written = z.output<ReturnType<typeof fileField>>;

function configOf(written: Written): Config {
  const { settings: providers, warnings: ofProviders } = providersSection(written.providers);
  const webhook = webhookSection(
    written.webhook,
    providers.map(({ name }) => name),
  );
  const issuer = written.issuer && issuerSection(written.issuer);
  const portal = written.portal && portalSection(written.portal, issuedEndpoint(webhook.settings.endpoints, providers));
  const shared = written.shared && sharedSection(written.shared);
  const cache = cacheSection(written.cache);
  const config = {
    webhook: webhook.settings,
    operations: written.operations,
    providers,
    ...(issuer && { issuer: issuer.settings }),
    ...(portal && { portal: portal.settings }),
    ...(shared && { shared: shared.settings }),
    cache: cache.settings,
    limits: limitsSection(written.limits).settings,
    ignoreIssuers: written.ignoreIssuers,
    log: written.log,
  };
  const own = [webhook.warnings, ofProviders, issuer?.warnings ?? [], portal?.warnings ?? [], cache.warnings];
  return { ...config, warnings: [...own.flat(), ...sectionWarnings(config)] };
}

/** Draft 2020-12 of what may be written, not of what it becomes. Reads no file and no environment. */
export function configJsonSchema(modules: readonly AnyProviderModule[]): object {
  const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
  const schema = z.toJSONSchema(fileField({ fields, modules, nowMs: 0 }), { io: 'input', unrepresentable: 'any' });
  return { ...schema, $id: 'broker.schema.json', title: 'Configuration of kube-auth-broker' };
}
