// The one interface with one method; chain, cache, guards and providers are all this, wrapping this.

import type { JsonValue } from '../text/json.ts';
import type { Claims } from './claims.ts';
import type { Credential } from './credential.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { NotAuthenticated, Verdict } from './verdict.ts';

/** One TokenReview being answered. */
export interface Review {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly credential: Credential;
  /** What the caller asked the credential to be good for; empty when it named none. */
  readonly audiences: readonly string[];
  readonly fingerprint: Fingerprint;
  /** A sign-in at the portal: never answered from memory, and it takes a share of each provider that other reviews do not wait for. */
  readonly isSignIn?: true;
  /** False: whoever asks has guessed enough, so only a password that was right before is tried (`failed-password-budget`). */
  readonly mayGuess?: false;
  /**
   * Asks leave to try the password on the account that was found for the typed name; `account` is its DN or subject. Several
   * names of one person share one failed-password budget by it. A verdict is the answer in place of trying; undefined: try.
   * Absent where nothing is budgeted; never rejects.
   */
  readonly spendOn?: (account: string) => Promise<NotAuthenticated | undefined>;
  /** The brokers that it has passed, this one last, where it came over HTTP. */
  readonly via?: readonly string[];
  /** Calls `listener` with the verdict of the whole chain, once; absent outside a chain. */
  readonly onDecided?: (listener: (verdict: Verdict<unknown>) => void) => void;
  /** Of a lookup where brokers share a store: what it may still wait for the store. */
  readonly storeWait?: StoreWait;
  /** Told every step of the way; only `explain` sets it. */
  readonly trace?: (step: TraceStep) => void;
}

/** One for each lookup, which all its questions to the store use up together. */
export interface StoreWait {
  leftMs: number;
}

export interface Endpoint {
  readonly path: string;
  /** What a credential without audiences of its own is good for. */
  readonly audiences?: readonly string[];
}

export interface Authenticator<T> {
  /**
   * Turns a review into a verdict. Never rejects the promise and never throws; when `signal` aborts it settles soon, and
   * leaves no socket or timer behind.
   */
  authenticate(review: Review, signal: AbortSignal): Promise<Verdict<T>>;
}

/** What `explain` shows; values may name people, never secrets. */
export type TraceStep =
  | { readonly step: 'match'; readonly provider: string; readonly holds: boolean; readonly error?: string }
  | { readonly step: 'login'; readonly provider: string; readonly login?: string; readonly error?: string }
  | { readonly step: 'claims'; readonly provider: string; readonly claims: Claims }
  | {
      readonly step: 'mapping';
      readonly provider: string;
      readonly field: string;
      readonly rule: string;
      readonly value?: JsonValue;
      readonly error?: string;
    }
  | {
      readonly step: 'rule';
      readonly provider: string;
      readonly rule: string;
      readonly holds: boolean;
      readonly message?: string;
      readonly error?: string;
    }
  | { readonly step: 'dropped'; readonly provider: string; readonly group: string; readonly why: string }
  | {
      readonly step: 'verdict';
      readonly provider: string;
      readonly verdict: Verdict<unknown>;
      readonly durationMs: number;
    };
