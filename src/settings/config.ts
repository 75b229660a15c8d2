// The immutable configuration that the program runs on: everything parsed, compiled and read.

import type { Address } from '../core/listening.ts';
import type { LogLevel } from '../core/seams.ts';
import type { IssuerSettings } from '../issuer/settings.ts';
import type { PortalSettings } from '../portal/settings.ts';
import type { SharedSettings } from '../stores/shared.ts';
import type { CacheSettings } from './cache-schema.ts';
import type { LimitsSettings } from './limits-schema.ts';
import type { ProviderConfig } from './providers-schema.ts';
import type { WebhookSettings } from './webhook-schema.ts';

export type { ProviderConfig } from './providers-schema.ts';
export type { EndpointConfig } from './webhook-schema.ts';

export interface Config {
  readonly webhook: WebhookSettings;
  readonly operations: { readonly address: Address };
  /** In the order written. */
  readonly providers: readonly ProviderConfig[];
  readonly issuer?: IssuerSettings;
  readonly portal?: PortalSettings;
  /** Absent: this broker remembers for itself. */
  readonly shared?: SharedSettings;
  /** With `shared`: brokers whose texts are the same may share verdicts. */
  readonly digest?: string;
  readonly cache: CacheSettings;
  readonly limits: LimitsSettings;
  readonly ignoreIssuers: readonly string[];
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'text' };
  /** Sentences about what is legal and probably not meant. */
  readonly warnings: readonly string[];
}
