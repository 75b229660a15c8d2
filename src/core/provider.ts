// What a provider is, and what its module tells the rest of the program about its type.

import type { Authenticator } from './authenticator.ts';
import type { Claims } from './claims.ts';
import type { Credential } from './credential.ts';
import type { Fields, Schema } from './fields.ts';
import type { OutageReason } from './reasons.ts';
import type { Seams } from './seams.ts';

/** One step of `check --connect`. */
export interface ProbeStep {
  /** What was tried, with its address: `TLS with ldaps://dc1.corp.example:636`. */
  readonly step: string;
  readonly result: 'ok' | 'warning' | 'failed';
  /** What was seen; after a failure also what to do next. Never a secret. */
  readonly detail?: string;
  /** Why it failed, where a closed word for it exists: tells an upstream that is down from a configuration that is wrong. */
  readonly reason?: OutageReason;
}
export type ProbeReport = (step: ProbeStep) => void;

/** A configured authenticator for one upstream. */
export interface Provider extends Authenticator<Claims> {
  /** Tries every step a login would need without a login; reports each, throws nothing. */
  probe(report: ProbeReport, signal: AbortSignal): Promise<void>;
  /** Frees sockets and timers; reviews that arrive later are unavailable (`stopping`). */
  close(): Promise<void>;
}

/** What a provider is told about its place in the configuration, besides its options. */
export interface ProviderSeams extends Seams {
  /** The configured name. */
  readonly name: string;
  /** The provider's whole part of one review. */
  readonly timeoutMs: number;
}

export interface ProviderModule<Options> {
  readonly type: string;
  readonly accepts: readonly Credential['kind'][];
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
