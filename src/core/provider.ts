// What a provider is, and what it is told about its place in the configuration.

import type { Authenticator } from './authenticator.ts';
import type { Claims } from './claims.ts';
import type { OutageReason } from './reasons.ts';
import type { Seams, SeldomLog } from './seams.ts';
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

/** The accounts behind an upstream. */
export interface Accounts {
  /** Addresses of the upstream, in any order: two providers that share one share the upstream. */
  readonly upstream: readonly string[];
  /** Where in the upstream its names are looked up, such as the base DN; empty: everywhere. */
  readonly within: string;
}

/** A configured authenticator for one upstream. */
export interface Provider extends Authenticator<Claims> {
  /**
   * Whose passwords it tries: providers with the same accounts share one failed-password budget, whatever their names and
   * other options are. Absent: its accounts are its own.
   */
  readonly accounts?: Accounts;
  /**
   * What the upstream states today of somebody who signed in before, by the name that was typed, without a password; abstained
   * `unknown-user`, or unavailable. Absent: it cannot tell without one. Never rejects the promise.
   */
  find?(login: string, signal: AbortSignal): Promise<Verdict<Claims>>;
  /** Tries every step a login would need without a login; reports each, throws nothing. */
  probe(report: ProbeReport, signal: AbortSignal): Promise<void>;
  /** Frees sockets and timers; reviews that arrive later are unavailable (`stopping`). */
  close(): Promise<void>;
}

/** What a provider is told about its place in the configuration, besides its options. */
export interface ProviderSeams extends Seams {
  /** In place of `log` for what every review would say again. */
  readonly seldom: SeldomLog;
  /** The configured name. */
  readonly name: string;
  /** The provider's whole part of one review. */
  readonly timeoutMs: number;
  /** The claim that groups are mapped from; absent when they are an expression, or none. */
  readonly groupsClaim?: string;
}
