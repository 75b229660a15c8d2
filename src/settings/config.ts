// The immutable configuration that the program runs on: everything parsed, compiled and read.

import type { Mapping } from '../authn/mapping/mapping.ts';
import type { Expression } from '../cel/compile.ts';
import type { Endpoint } from '../core/authenticator.ts';
import type { Reserved } from '../core/identity.ts';
import type { Address, ServerTls } from '../core/listening.ts';
import type { LogLevel } from '../core/seams.ts';
import type { IssuerSettings } from '../issuer/settings.ts';
import type { PortalSettings } from '../portal/settings.ts';
import type { AnyProviderModule } from './provider-module.ts';

export interface Config {
  readonly webhook: {
    readonly address: Address;
    readonly tls?: ServerTls;
    /** Offered by ALPN beside HTTP/1.1. */
    readonly http2: boolean;
    readonly endpoints: readonly EndpointConfig[];
  };
  readonly operations: { readonly address: Address };
  /** In the order written. */
  readonly providers: readonly ProviderConfig[];
  readonly issuer?: IssuerSettings;
  readonly portal?: PortalSettings;
  readonly cache: {
    readonly authenticatedTTLMs: number;
    readonly rejectedTTLMs: number;
    readonly staleOnUnavailableMs: number;
    readonly maxEntries: number;
    readonly maxBytes: number;
  };
  readonly limits: {
    readonly tokenBytes: number;
    readonly bodyBytes: number;
    readonly reviewTimeoutMs: number;
    readonly concurrentReviews: number;
    readonly failedPasswords: { readonly max: number; readonly windowMs: number };
  };
  readonly ignoreIssuers: readonly string[];
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'text' };
  /** When the server certificate expires. */
  readonly certificateNotAfterMs?: number;
  /** Sentences about what is legal and probably not meant. */
  readonly warnings: readonly string[];
}

export interface EndpointConfig extends Endpoint {
  /** Names, in the order in which they are asked. */
  readonly providers: readonly string[];
}

export interface ProviderConfig {
  readonly name: string;
  readonly module: AnyProviderModule;
  /** Checked by the module's own schema. */
  readonly options: unknown;
  readonly match?: Expression<'match'>;
  readonly login?: Expression<'login'>;
  readonly timeoutMs: number;
  readonly onUnavailable: 'continue' | 'stop';
  readonly concurrency: number;
  readonly mapping: Mapping;
  readonly reserved: Reserved;
}
