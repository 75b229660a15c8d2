// What a provider is, and what its module tells the rest of the program about its type.

import type { Authenticator } from './authenticator.ts';
import type { Claims } from './claims.ts';
import type { BearerCredential, Credential } from './credential.ts';
import type { Fields, Schema } from './fields.ts';
import type { OutageReason } from './reasons.ts';
import type { Seams } from './seams.ts';
import type { Verdict } from './verdict.ts';

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

/** What the issuer of this broker tells the provider that takes its tokens. */
export interface IssuedTokens {
  /**
   * authenticated with the claims as they were issued; abstained with `unknown-token`, `foreign-issuer` or `unknown-key`; rejected
   * with `bad-signature`, `wrong-audience`, `malformed-claims`, `expired-token`, `premature-token` or `revoked-token`; unavailable
   * with `revocations-unreadable`. Never throws.
   */
  verify(credential: BearerCredential): Promise<Verdict<Claims>>;
  probe(report: ProbeReport): Promise<void>;
}

/** What a provider is told about its place in the configuration, besides its options. */
export interface ProviderSeams extends Seams {
  /** The configured name. */
  readonly name: string;
  /** The provider's whole part of one review. */
  readonly timeoutMs: number;
  /** Absent: the configuration has no `issuer`. */
  readonly issued?: IssuedTokens;
}

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
