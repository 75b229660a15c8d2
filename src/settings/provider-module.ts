// What the configuration knows of a provider type: its options, and how one is opened.

import type { Credential } from '../core/credential.ts';
import type { Provider, ProviderSeams } from '../core/provider.ts';
import type { Fields, Schema } from './field-types.ts';

export interface ProviderModule<Options> {
  readonly type: string;
  readonly accepts: readonly Credential['kind'][];
  /** It has no upstream: everything it knows was in the configuration. */
  readonly local?: true;
  /** It cannot work without the configuration's `issuer`. */
  readonly needsIssuer?: true;
  /** Its claims are the names of Kubernetes already: without `claimMappings` they are taken as they are. */
  readonly statesIdentities?: true;
  /** The schema of `options`; `fields` reads files and secrets and reports what is wrong with them. */
  options(fields: Fields): Schema<Options>;
  /** Sentences for `check` and the start-up log about options that are legal and dangerous. */
  warnings?(options: Options): readonly string[];
  /** Makes what the type stores in place of a password; for the command `hash-password`. */
  hashPassword?(password: string): Promise<string>;
  /** Opens no socket by itself: start-up never waits for an upstream. */
  open(options: Options, seams: ProviderSeams): Provider;
}

/** Any provider type, its options already checked by its own schema. */
export type AnyProviderModule = ProviderModule<unknown>;

/** Lets the compiler infer `Options` where a module is written. */
export function defineProvider<Options>(module: ProviderModule<Options>): ProviderModule<Options> {
  return module;
}
